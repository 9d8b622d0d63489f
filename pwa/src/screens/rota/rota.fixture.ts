/** A small rota for tests: Ana and Ben take turns on call in Denver, Cleo leads. Sunday 22 November 2026, 14:00 there. */
import type { Change, LevelRota, Rota, Span } from './server.ts';

export const ZONE = 'America/Denver';
export const at = (text: string): number => Date.parse(`2026-11-${text}:00-07:00`);
export const NOW = at('22T14:00');

const instant = (text: string): string => new Date(at(text)).toISOString();
const NAMES: Record<string, string> = { ana: 'Ana Example', ben: 'Ben Example', cleo: 'Cleo Example' };

export const span = (user_id: string, start: string, end: string, more: Partial<Span> = {}): Span => ({
  user_id, name: NAMES[user_id] ?? user_id, start: instant(start), end: instant(end), why: 'rule', source_id: 'r', absent: false, ...more,
});

export const stretchOf = (start: string, end: string): { start: string; end: string } => ({ start: instant(start), end: instant(end) });

export const level = (name: LevelRota['level'], spans: Span[], more: Partial<LevelRota> = {}): LevelRota => ({
  level: name, spans, gaps: [], overlaps: [], rules: [], ...more,
});

export const change = (id: string, more: Partial<Change> = {}): Change => ({
  id, level: 'on_call', kind: 'instead', user_id: 'ana', to_user_id: 'ben', ...stretchOf('22T14:00', '22T18:00'), swap_id: null,
  state: 'proposed', asked_of: 'ben', made_by: 'ana', made_at: instant('22T13:00'), ...more,
});

export const rota = (levels: LevelRota[], changes: Change[] = []): Rota => ({
  version: 'v', zone: ZONE, server_time: new Date(NOW).toISOString(), levels, changes,
  people: Object.entries(NAMES).map(([id, name]) => ({ id, name, role: 'coordinator', reachable: true, callback: '' })),
});

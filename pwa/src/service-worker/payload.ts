/**
 * What a push may carry, and reading it: anything at all may arrive, and none of it may keep a notification from showing.
 *
 * Three forms. Ours within a declarative Web Push message (RFC 8030 gives `web_push` its 8030), where the browser hands
 * the message to this worker; the same as `event.notification`, where Safari has read the message itself; and version 1, from
 * a server that has not been updated yet.
 */
import { isRecord } from '../transport/client.ts';
import { isText, type TextKey } from './texts.ts';

/** A push event, as far as it is read here. */
export interface PushNews {
  readonly data: Pick<PushMessageData, 'json'> | null;
  /** Safari's, for declarative messages. */
  readonly notification?: { readonly data?: unknown; readonly tag?: string } | null;
}

export type PageKind = 'page' | 'repage' | 'taken' | 'acknowledged' | 'test' | 'notice';

export interface Payload {
  kind: PageKind | 'unknown';
  text: TextKey;
  page: string | null;
  /** The one-time token: to say that it was shown, and for a page to answer it. */
  token: string | null;
  /** Initials of whoever has it; empty where the server does not say. */
  by: string;
  eta_minutes: number | null;
  tag: string;
}

/** A page as its notification keeps it, and as the app is told of it. */
export interface Tapped {
  page: string;
  token: string;
  text: string;
}

const KINDS = new Set<unknown>(['page', 'repage', 'taken', 'acknowledged', 'test', 'notice']);
const UNKNOWN: Payload = { kind: 'unknown', text: 'unknown', page: null, token: null, by: '', eta_minutes: null, tag: 'unknown' };
const INITIALS_LIMIT = 12;
const A_DAY_MINUTES = 24 * 60;

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const minutesOrNull = (value: unknown): number | null =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) <= A_DAY_MINUTES ? Number(value) : null;

function parsed(data: PushNews['data']): unknown {
  try {
    return data?.json();
  } catch {
    return undefined;
  }
}

/** Ours and the tag that the server gave it, from whichever form. */
function found({ data, notification }: PushNews): { ours: Record<string, unknown>; tag: string | null } | null {
  const message = parsed(data);
  const declared = isRecord(message) && isRecord(message['notification']) ? message['notification'] : notification;
  if (declared) return isRecord(declared.data) ? { ours: declared.data, tag: textOrNull(declared.tag) } : null;
  return isRecord(message) ? { ours: message, tag: null } : null;
}

/** What was meant; what is no payload of ours becomes `unknown`, which is shown like any other. */
export function readPayload(news: PushNews): Payload {
  const { ours, tag } = found(news) ?? {};
  if (ours === undefined || !KINDS.has(ours['kind'])) return UNKNOWN;
  const kind = ours['kind'] as PageKind;
  const text = isText(ours['text']) ? ours['text'] : 'unknown';
  const page = textOrNull(ours['page']);
  return {
    kind,
    text,
    page,
    token: textOrNull(ours['token']),
    by: (textOrNull(ours['by']) ?? '').slice(0, INITIALS_LIMIT),
    eta_minutes: kind === 'acknowledged' ? minutesOrNull(ours['eta_minutes']) : null,
    tag: tag ?? page ?? (kind === 'notice' ? text : kind),
  };
}

/** The page behind a notification that can be answered; null for all others. */
export function tapped(data: Record<string, unknown>): Tapped | null {
  const page = textOrNull(data['page']);
  const token = textOrNull(data['token']);
  return page === null || token === null ? null : { page, token, text: textOrNull(data['text']) ?? '' };
}

/** Accounts in an order, and what a role asks for. Pure. */
import type { AccountEntry } from './server.ts';

/** As they are offered; the server knows the same, and `server` besides, which nobody is. */
export const ROLES = [
  'officer', 'sergeant', 'coordinator', 'case_manager', 'supervisor', 'administrator', 'prosecutor', 'evaluator', 'partner',
] as const;
export type AccountRole = (typeof ROLES)[number];

/** Only these belong to an agency, and they always do. */
export const hasAgency = (role: string): boolean => role === 'officer' || role === 'sergeant';

export const isAccountRole = (role: string): role is AccountRole => (ROLES as readonly string[]).includes(role);

const ORDER: Record<AccountEntry['state'], number> = { active: 0, invited: 1, closed: 2 };

/** Whoever can come in first, and of those whoever is locked out before the others; then by name, as the server lists them. */
export function inOrder(people: readonly AccountEntry[]): AccountEntry[] {
  const rank = ({ state, locked_until }: AccountEntry): number => ORDER[state] * 2 + (locked_until === null ? 1 : 0);
  return people.toSorted((a, b) => rank(a) - rank(b));
}

/** Whose name or user name holds the words, whatever the case and the accents. */
export function matching(people: readonly AccountEntry[], words: string): AccountEntry[] {
  const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const wanted = plain(words.trim());
  return people.filter(({ name, login }) => plain(name).includes(wanted) || plain(login).includes(wanted));
}

/**
 * A phone's real push loop without a browser, for `make bench-peers`: it writes operations, seals and signs them, and sends
 * them to a server until none waits.
 *
 * Reads one JSON object on standard input, after it has printed its own id and public key: where to send, as whom, sealed to
 * which key, how many referrals. Prints what the loop says at the end.
 */
import './vitest-setup.ts';
import { createInterface } from 'node:readline';
import { uuidv7 } from '../src/domain/uuid.ts';
import { commitOperations } from '../src/storage/commit.ts';
import { phone, unplaced } from '../src/storage/testing.ts';
import { flush } from '../src/transport/flush.ts';

interface Wanted {
  origin: string;
  cookie: string;
  program_id: string;
  agency_id: string;
  user_id: string;
  sealing_key: { key_id: string; public_key: string };
  referrals: number;
  text: string;
}

const PAUSE_MS = 250;

const { database, device, device_id, vault } = await phone();
console.log(JSON.stringify({ device_id, user_id: device.user_id, public_key: device.public_key }));
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const wanted = JSON.parse((await lines.next()).value as string) as Wanted;

const ask = globalThis.fetch;
globalThis.fetch = (path, options) =>
  ask(`${wanted.origin}${String(path)}`, { ...options, headers: { ...(options?.headers as object), Cookie: wanted.cookie } });

const grant = {
  method: 'witness', language: 'en', script_version: 'default-1', script_hash: '0'.repeat(64), reader: 'read_aloud',
  interpreter: null, witness: 'Sergeant Demo', camera_reference: null, signature: null,
};
const police = { charges: ['trespass'], place: 'Loading dock behind the market', wait_minutes: 30, callback: '555-0100' };
const person = { name: 'Sample Person', alias: 'Blue', language: 'English', contact: 'Evenings at the dock' };
const op_ids: string[] = [];
for (let number = 0; number < wanted.referrals; number += 1) {
  const { program_id, agency_id, sealing_key, user_id } = wanted;
  const shared = { program_id, referral_id: uuidv7(), made_at: new Date().toISOString() };
  const consent = uuidv7();
  const operations = [
    unplaced(user_id, { ...shared, kind: 'referral.create', payload: { pathway: 'arrest_diversion', agency_id } }),
    unplaced(user_id, { ...shared, op_id: consent, kind: 'consent.grant', payload: grant } as object),
    unplaced(user_id, { ...shared, kind: 'referral.set', payload: { fields: police } } as object),
    unplaced(user_id, { ...shared, kind: 'referral.set', payload: { fields: person }, saw: [consent] } as object),
    unplaced(user_id, { ...shared, kind: 'note.add', payload: { text: wanted.text } } as object),
  ];
  const written = await commitOperations(database, { device_id, vault, sealing_key, operations });
  op_ids.push(...written.map(({ op_id }) => op_id));
}

const began = performance.now();
for (;;) {
  const { outcome, waiting, retry_at, attention } = await flush(database, device_id, { app: 'bench' });
  if (waiting === 0) {
    console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000, outcome, attention, op_ids }));
    process.exit(0);
  }
  await new Promise((resolve) => setTimeout(resolve, Math.max(PAUSE_MS, (retry_at ?? 0) - Date.now())));
}

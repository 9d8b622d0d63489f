/** Signing in, against a server that answers as the API does; storage and cryptography are real. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { listDevices } from '../storage/devices.ts';

// A passphrase is stretched on purpose, and several times here.
vi.setConfig({ testTimeout: 60_000 });

type Answer = [status: number, body?: unknown, headers?: Record<string, string>];
type Handler = (body: Record<string, unknown>) => Answer;

const USER = { id: '018f0000-0000-7000-8000-000000000001', login: 'alder', name: 'Officer Alder', role: 'officer' };
const PROGRAM = { id: 'demo', name: 'Demo', call_number: '+1 555 0100', call_name: 'LEAD', people: [] };
const OLD = 'the old passphrase';
const NEW = 'the new passphrase';

/** What each request is answered; a missing one is a network that carries nothing. */
let server: Record<string, Handler>;
let password: string;

function session(body: Record<string, unknown>): Answer {
  if (body['password'] !== password) return [401, { type: 'urn:handoff:sign-in-refused', title: 'Refused', status: 401 }];
  const user = { ...USER, program_id: 'demo', agency_id: null, callback: null };
  return [200, { user, device_id: body['device_id'], expires_at: '', demo: true, epoch: 'e1', server_time: '' }];
}

const working = (): Record<string, Handler> => ({
  'POST /api/session': session,
  'GET /api/session': () => session({ password }),
  'POST /api/devices': (body) => [201, { device_id: body['device_id'], epoch: 'e1', known: [], next_seq: 1 }],
  'GET /api/program': () => [200, PROGRAM],
});

async function fetchFrom(path: string, request: RequestInit): Promise<Response> {
  const handler = server[`${request.method} ${path}`];
  if (!handler) throw new TypeError('Failed to fetch');
  const [status, body, headers] = handler(request.body ? JSON.parse(String(request.body)) : {});
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type, ...headers } });
}

let state: typeof import('./session.ts') & typeof import('./phone.ts') & typeof import('./enrolling.ts');

/** A new start of the browser: memory is empty, what was stored is there. */
async function restart(): Promise<void> {
  vi.resetModules();
  state = { ...(await import('./session.ts')), ...(await import('./phone.ts')), ...(await import('./enrolling.ts')) };
  // Timers and listeners of a page are for the browser tests.
  vi.spyOn(await import('./begin.ts'), 'begin').mockReturnValue();
  await (await import('./enrolments.ts')).readPhone();
}

beforeEach(async () => {
  vi.stubGlobal('fetch', fetchFrom);
  vi.stubGlobal('location', { hash: '' });
  vi.stubGlobal('history', { state: null, replaceState: () => undefined, pushState: () => undefined });
  indexedDB = new IDBFactory();
  server = working();
  password = OLD;
  await restart();
});

const enrolments = async (): Promise<number> => (await listDevices(state.database)).length;

describe('the first sign-in on a phone', () => {
  it('makes a vault, enrols the device and keeps the program', async () => {
    expect(state.phase.value).toBe('sign_in');
    expect(await state.signIn('alder', OLD)).toEqual({ ok: true });
    expect(state.phase.value).toBe('open');
    expect(state.me.value?.name).toBe('Officer Alder');
    expect(state.callable.value?.call_number).toBe('+1 555 0100');
    expect(state.demo.value).toBe(true);
  });

  it('leaves nothing behind without a connection, wherever it breaks', async () => {
    for (const lost of ['POST /api/session', 'POST /api/devices']) {
      server = working();
      delete server[lost];
      expect(await state.signIn('alder', OLD)).toEqual({ ok: false, why: 'offline' });
      expect(await enrolments()).toBe(0);
    }
    expect(state.phase.value).toBe('sign_in');
  });

  it('tells a wrong passphrase, a captive portal and too many attempts apart', async () => {
    expect(await state.signIn('alder', 'wrong')).toEqual({ ok: false, why: 'refused' });
    server['POST /api/session'] = () => [200, 'Welcome to our hotel'];
    expect(await state.signIn('alder', OLD)).toEqual({ ok: false, why: 'server' });
    server['POST /api/session'] = () => [429, { type: 'x', title: 'x', status: 429 }, { 'Retry-After': '150' }];
    expect(await state.signIn('alder', OLD)).toEqual({ ok: false, why: 'too_many', minutes: 3 });
  });
});

describe('a phone that knows the person', () => {
  beforeEach(async () => {
    await state.signIn('alder', OLD);
    await state.lock();
  });

  it('unlocks without a network after a restart, and calls the person by name again', async () => {
    server = {};
    await restart();
    expect(state.phase.value).toBe('locked');
    expect(state.callable.value?.call_number).toBe('+1 555 0100');
    expect(await state.unlock('wrong')).toBe(false);
    expect(await state.unlock(OLD)).toBe(true);
    expect([state.phase.value, state.me.value?.name]).toEqual(['open', 'Officer Alder']);
  });

  it('keeps the screen of somebody who was quicker than the storage', async () => {
    const { readPhone } = await import('./enrolments.ts');
    const reading = readPhone();
    state.signInInstead();
    await reading;
    expect(state.phase.value).toBe('sign_in');
    expect(state.knownOfficers.value.length).toBe(1);
  });

  it('says only whether the passphrase is right while it is open', async () => {
    await state.unlock(OLD);
    const vault = state.vault();
    expect(await state.unlock('wrong')).toBe(false);
    expect(await state.unlock(OLD)).toBe(true);
    expect(state.vault()).toBe(vault);
    await expect(vault!.encrypt('still|open', 1)).resolves.toBeDefined();
  });

  it('renews a session that has ended, in the background of an unlock', async () => {
    const asked: string[] = [];
    server['GET /api/session'] = () => [401, { type: 'x', title: 'x', status: 401 }];
    server['POST /api/session'] = (body) => (asked.push(String(body['login'])), session(body));
    await restart();
    expect(state.signedIn.value).toBe(false);
    await state.unlock(OLD);
    await vi.waitFor(() => expect(state.signedIn.value).toBe(true), { timeout: 5000 });
    expect(asked).toEqual(['alder']);
  });

  it('opens from the sign-in form, too, when there is no network', async () => {
    server = {};
    expect(await state.signIn('alder', 'wrong')).toEqual({ ok: false, why: 'refused' });
    expect(await state.signIn('alder', OLD)).toEqual({ ok: true });
  });

  it('asks for the old passphrase when it was changed elsewhere, and from then on takes the new one', async () => {
    password = NEW;
    expect(await state.signIn('alder', NEW)).toEqual({ ok: false, why: 'old_passphrase' });
    expect(await state.rewrapAndEnter('wrong', NEW)).toEqual({ ok: false, why: 'old_passphrase' });
    expect(await state.rewrapAndEnter(OLD, NEW)).toEqual({ ok: true });
    await state.lock();
    expect(await state.unlock(OLD)).toBe(false);
    expect(await state.unlock(NEW)).toBe(true);
    expect(await enrolments()).toBe(1);
  });

  it('enrols anew beside the old enrolment when the old passphrase is forgotten', async () => {
    password = NEW;
    expect(await state.enrolAfresh(NEW)).toEqual({ ok: true });
    expect(await enrolments()).toBe(2);
    expect(state.knownOfficers.value.length).toBe(1);
    expect(state.me.value?.device_id).toBe(state.knownOfficers.value[0]?.device_id);
  });

  it('drops the key and what it opened when it locks', async () => {
    await state.unlock(OLD);
    const vault = state.vault()!;
    await state.lock();
    expect(state.vault()).toBe(null);
    await expect(vault.encrypt('x|y', 1)).rejects.toThrow('locked');
  });
});

describe('rules that change while somebody writes', () => {
  const sends = (hash: string): void => {
    const pack = { hash, document: { effective_from: '2025-01-01', effective_until: null } };
    server['GET /api/program'] = () => [200, { ...PROGRAM, pack, coming: [] }];
  };
  const kept = async (): Promise<string[] | undefined> => {
    await restart();
    // The program is fetched before the vault is open: whose drafts they are, and what is in them, is not known then.
    await state.signIn('alder', OLD);
    return state.program.value?.kept?.map(({ hash }) => hash);
  };

  it('stay on the phone as long as there is a draft, and no longer', async () => {
    sends('old');
    await state.signIn('alder', OLD);
    const { newDraft, flushDrafts } = await import('./drafts.ts');
    const { draft_id } = newDraft({});
    await flushDrafts();
    sends('new');
    expect(await kept()).toEqual(['old']);
    expect(await kept()).toEqual(['old']);
    await (await import('./drafts.ts')).discard(draft_id);
    expect(await kept()).toBeUndefined();
    expect(state.program.value?.pack?.hash).toBe('new');
  });
});

describe('a passkey', () => {
  const ID = new Uint8Array([1, 2, 3]);
  const secret = new Uint8Array(32).fill(9);
  let gives: Uint8Array | null;
  let asked: PublicKeyCredentialRequestOptions[];

  beforeEach(() => {
    gives = secret;
    asked = [];
    vi.stubGlobal('PublicKeyCredential', class {});
    Object.defineProperty(navigator, 'credentials', {
      configurable: true,
      value: {
        get: async ({ publicKey }: { publicKey: PublicKeyCredentialRequestOptions }) => {
          asked.push(publicKey);
          if (publicKey.challenge.byteLength === 0) throw new DOMException('no', 'NotAllowedError');
          const results = gives ? { prf: { results: { first: gives.slice().buffer } } } : {};
          return { rawId: ID.buffer, type: 'public-key', response: {}, getClientExtensionResults: () => results };
        },
      },
    });
    server['POST /api/session/passkey-options'] = () => [200, { challenge_id: 'c1', options: { challenge: 'QUJD' } }];
    server['POST /api/session/passkey'] = () => session({ password });
  });

  const tap = async () => {
    const [{ prepareKey }, { signInByPasskey }] = await Promise.all([import('./passkeys.ts'), import('./passkey_sign_in.ts')]);
    await prepareKey();
    return signInByPasskey();
  };
  const unlockByKey = async (prepared: boolean) => {
    const [{ prepareKey }, { unlockByPasskey }] = await Promise.all([import('./passkeys.ts'), import('./unlocking.ts')]);
    if (prepared) await prepareKey();
    return unlockByPasskey(state.me.value!.device_id, state.knownOfficers.value[0]!.passkeys!);
  };

  it('enrols a phone that was never seen, and is then all that opens it', async () => {
    expect(await tap()).toEqual({ ok: true });
    expect([state.phase.value, state.me.value?.name]).toEqual(['open', 'Officer Alder']);
    expect(state.knownOfficers.value[0]).toMatchObject({ passkeys: ['AQID'], passphrase: false });
    await state.lock();
    expect(await state.unlock(OLD)).toBe(false);
    expect(await state.signIn('alder', OLD)).toEqual({ ok: false, why: 'passkey_only' });
  });

  it('asks with the challenge of the server, each once', async () => {
    await tap();
    expect(new TextDecoder().decode(asked[0]!.challenge)).toBe('ABC');
    await state.lock();
    await unlockByKey(false);
    expect(asked[1]!.challenge.byteLength).toBe(32);
  });

  it('opens without a network under a challenge of its own', async () => {
    await tap();
    await state.lock();
    server = {};
    await restart();
    expect((await unlockByKey(true)).how).toBe('used');
    expect(state.phase.value).toBe('open');
  });

  it('renews the session with the very answer that opened the vault', async () => {
    await tap();
    await state.lock();
    const answers: unknown[] = [];
    server['POST /api/session/passkey'] = (body) => (answers.push(body['challenge_id'], body['device_id']), session({ password }));
    await restart();
    await unlockByKey(true);
    await vi.waitFor(() => expect(state.signedIn.value).toBe(true), { timeout: 5000 });
    expect(answers).toEqual(['c1', state.me.value?.device_id]);
  });

  it('that the server refuses opens the phone, and the bar asks to sign in', async () => {
    await tap();
    await state.lock();
    server['POST /api/session/passkey'] = () => [401, { type: 'urn:handoff:problem:passkey-refused', title: 'x', status: 401 }];
    await restart();
    await unlockByKey(true);
    const { refused } = await import('./phase.ts');
    await vi.waitFor(() => expect(refused.value).toBe(true), { timeout: 5000 });
    expect(state.phase.value).toBe('open');
  });

  it('without a secret, or with another, opens nothing and says which', async () => {
    gives = null;
    expect(await tap()).toEqual({ ok: false, why: 'passkey_shut' });
    expect(await enrolments()).toBe(0);
    await state.signIn('alder', OLD);
    gives = secret;
    await state.lock();
    expect(await tap()).toEqual({ ok: false, why: 'passkey_shut' });
    expect(await unlockByKey(false)).toEqual({ how: 'no_secret' });
    expect(state.phase.value).toBe('locked');
  });

  it('that is cancelled changes nothing', async () => {
    server['POST /api/session/passkey-options'] = () => [200, { challenge_id: 'c1', options: { challenge: '' } }];
    expect(await tap()).toEqual({ ok: false, why: 'passkey_not_used' });
    expect(state.phase.value).toBe('sign_in');
  });

  it('that the server does not know is told apart from a wrong passphrase', async () => {
    server['POST /api/session/passkey'] = () => [401, { type: 'urn:handoff:problem:passkey-refused', title: 'x', status: 401 }];
    expect(await tap()).toEqual({ ok: false, why: 'passkey_unknown' });
  });
});

describe('a code', () => {
  it('is asked for where the server wants one, and sent with the next try', async () => {
    const codes: unknown[] = [];
    server['POST /api/session'] = (body) => {
      codes.push(body['code']);
      if (body['code'] === '123456') return session(body);
      return [401, { type: 'urn:handoff:problem:code-needed', title: 'x', status: 401 }];
    };
    expect(await state.signIn('alder', OLD)).toEqual({ ok: false, why: 'code' });
    expect(await state.signIn('alder', OLD, ' 123456 ')).toEqual({ ok: true });
    expect(codes).toEqual([undefined, '123456']);
  });
});

describe('a program that asks for a second factor', () => {
  it('leads to where one is added, and the phone writes meanwhile', async () => {
    const went: string[] = [];
    vi.stubGlobal('history', { state: null, replaceState: (_: unknown, __: string, to: string) => went.push(to), pushState: () => undefined });
    server['POST /api/session'] = (body) => {
      const [status, answer] = session(body);
      return [status, { ...(answer as object), second_factor_needed: true }];
    };
    expect(await state.signIn('alder', OLD)).toEqual({ ok: true });
    const { factorNeeded } = await import('./since.ts');
    expect([factorNeeded.value, state.phase.value, went.at(-1)]).toEqual([true, 'open', '#/me/access']);
    (await import('./renewal.ts')).factorAdded();
    expect(factorNeeded.value).toBe(false);
  });
});

describe('an invitation', () => {
  it('sets the passphrase, signs in and enrols the phone', async () => {
    const accepted: unknown[] = [];
    server['POST /api/invitations/look'] = () => [200, { login: 'alder', name: 'Officer Alder', purpose: 'join' }];
    server['POST /api/invitations/accept'] = (body) => (accepted.push(body), session({ password }));
    const { look, join } = await import('./joining.ts');
    expect(await look({ token: 't' })).toEqual({ login: 'alder', name: 'Officer Alder', chooses: true, first: true });
    expect(await join({ token: 't' }, NEW)).toBe('in');
    expect(accepted).toEqual([{ token: 't', passphrase: NEW }]);
    await state.lock();
    expect(await state.unlock(NEW)).toBe(true);
  });

  it.each([[404, 'gone'], [409, 'gone'], [422, 'weak'], [401, 'refused'], [429, 'wait'], [500, 'failed']] as const)(
    'that is answered %i is %s, and leaves nothing behind',
    async (status, said) => {
      server['POST /api/invitations/accept'] = () => [status, { type: 'x', title: 'x', status }];
      const { join } = await import('./joining.ts');
      expect(await join({ login: 'alder', code: 'ABCD1234' }, NEW)).toBe(said);
      expect(await enrolments()).toBe(0);
    },
  );
});

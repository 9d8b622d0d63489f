/** The first glance: what stands on the screen before the storage has answered, and what is never kept for it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProgramDocument } from './types.ts';

const DEVICE = 'd0000000-0000-4000-8000-000000000001';
const PERSON = { device_id: DEVICE, user_id: 'u1', login: 'alder', program_id: 'demo', role: 'officer', agency_id: null } as const;
const OFFICER = { device_id: DEVICE, login: 'alder', unlockable: true };
const LINE = { call_number: '+1 555 0100', call_name: 'LEAD' };

let kept: Map<string, string>;
let page: typeof import('./glance.ts') & typeof import('./phase.ts') & typeof import('./language.ts') & typeof import('./theme.ts');

/** A new start of the browser: memory is empty, what was kept is there. */
async function restart(): Promise<void> {
  vi.resetModules();
  page = {
    ...(await import('./glance.ts')), ...(await import('./phase.ts')), ...(await import('./language.ts')), ...(await import('./theme.ts')),
  };
  page.takeGlance();
}

beforeEach(async () => {
  kept = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
  await restart();
});
afterEach(() => vi.unstubAllGlobals());

function enrolled(): void {
  page.write.officers.value = [OFFICER];
  page.write.me.value = { ...PERSON, name: 'Officer Alder' };
  page.write.program.value = { ...LINE, id: 'demo' } as unknown as ProgramDocument;
  page.keepGlance();
}

describe('the first glance', () => {
  it('is the sign-in form on a first visit, and waits for the storage where there is a worker', async () => {
    expect(page.phase.value).toBe('sign_in');
    vi.stubGlobal('navigator', { serviceWorker: { controller: {} } });
    await restart();
    expect(page.phase.value).toBe('starting');
  });

  it('is the lock of whoever was here last, in their language and light, with the line to call', async () => {
    enrolled();
    page.language.value = 'es';
    page.chosenTheme.value = 'day';
    await restart();
    expect([page.phase.value, page.me.value, page.knownOfficers.value]).toEqual(['locked', { ...PERSON, name: 'alder' }, [OFFICER]]);
    expect([page.language.value, page.chosenTheme.value, page.callable.value]).toEqual(['es', 'day', LINE]);
  });

  it('keeps no name', () => {
    enrolled();
    expect([...kept.values()].join()).toContain('alder');
    expect([...kept.values()].join()).not.toContain('Officer Alder');
  });

  it('is the same after somebody looked at the list of officers', async () => {
    enrolled();
    page.write.me.value = null;
    await restart();
    expect(page.me.value?.device_id).toBe(DEVICE);
  });

  it.each(['{', '7', '{"officers":7}', '[]'])('takes %s for nothing', async (text) => {
    kept.set('glance', text);
    await restart();
    expect([page.phase.value, page.knownOfficers.value]).toEqual(['sign_in', []]);
  });

  it('does without the place where it is kept', async () => {
    const refuse = (): never => {
      throw new DOMException('refused', 'SecurityError');
    };
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse });
    await restart();
    enrolled();
    expect(page.phase.value).toBe('sign_in');
  });
});

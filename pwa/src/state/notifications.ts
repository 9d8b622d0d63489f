/**
 * Being woken: permission, the push subscription of this phone kept fresh, and a test of the whole way.
 *
 * Asks for permission only after a tap. What a notification shows is the service worker's affair.
 */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { isRecord, call } from '../transport/client.ts';
import { register } from '../transport/subscription.ts';
import { connection } from './connection.ts';
import { language } from './language.ts';
import { me, phase, program, signedIn } from './phase.ts';
import { database } from './phone.ts';
import { go } from './router.ts';
import type { Role } from './types.ts';

export type NotificationState = 'off' | 'on' | 'denied' | 'unsupported' | 'failed';

/** Whom the server notifies: of a page, or officers of the answer to theirs. */
export const PAGED: ReadonlySet<Role> = new Set<Role>(['coordinator', 'case_manager', 'supervisor', 'officer']);

const state = signal<NotificationState>('off');
export const notifications: ReadonlySignal<NotificationState> = state;

const supported = (): boolean => 'Notification' in globalThis && 'PushManager' in globalThis && 'serviceWorker' in navigator;

/** Looks at what is already there; asks nobody anything. */
export async function readNotifications(): Promise<void> {
  if (!supported()) {
    state.value = 'unsupported';
  } else if (Notification.permission === 'denied') {
    state.value = 'denied';
  } else {
    const registration = await navigator.serviceWorker.getRegistration();
    const subscription = await registration?.pushManager.getSubscription();
    state.value = Notification.permission === 'granted' && subscription ? 'on' : 'off';
  }
}

/** Subscribes, and has the server know where; what is there already stays. Needs permission and a session. */
async function renew(): Promise<void> {
  const publicKey = program.peek()?.vapid_public_key;
  const device_id = me.peek()?.device_id;
  if (!publicKey || !device_id) throw new Error('The program is not known on this phone yet.');
  const { pushManager } = await navigator.serviceWorker.ready;
  await register(database, pushManager, publicKey, { device_id, language: language.peek() });
}

/** Call from a tap. Returns what came of it; `off` when the person closed the question. */
export async function enableNotifications(): Promise<NotificationState> {
  if (!supported()) return (state.value = 'unsupported');
  const permission = await Notification.requestPermission();
  if (permission !== 'granted') return (state.value = permission === 'denied' ? 'denied' : 'off');
  try {
    await renew();
    state.value = 'on';
  } catch {
    state.value = 'failed';
  }
  return state.value;
}

/** The person whose phone is to be registered now, in which language, for which key; null while that cannot be. */
function wanted(): string | null {
  const key = program.value?.vapid_public_key;
  const reachable = phase.value === 'open' && signedIn.value && connection.value === 'connected';
  const who = me.value;
  if (!reachable || !key || !who || !PAGED.has(who.role)) return null;
  return [who.device_id, language.value, key].join(' ');
}

/**
 * Registers this phone anew at each start, once it is open and the server knows the session: a subscription that the
 * browser dropped or replaced, or that the server gave up, is mended without anybody noticing. Call once.
 */
export function keepRegistered(): void {
  if (!supported()) return;
  let done: string | null = null;
  effect(() => {
    const wish = wanted();
    if (wish === null || wish === done || Notification.permission !== 'granted') return;
    done = wish;
    renew().then(
      () => {
        state.value = 'on';
      },
      () => {
        // Tried again when the connection has come back, or at the next start.
        if (done === wish) done = null;
      },
    );
  });
}

/** A tap on a page's notification while the app is open: the service worker says which. Call once. */
export function followTaps(): void {
  const workers = (navigator as Partial<Navigator>).serviceWorker;
  workers?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (isRecord(data) && typeof data['page'] === 'string' && typeof data['token'] === 'string') {
      // The router takes the token out of the address again before it returns.
      go(`/answer/${data['page']}/${data['token']}/${String(data['text'])}`);
    }
  });
}

/** Sends a test to oneself, by every way a real page takes. */
export async function sendTest(): Promise<boolean> {
  try {
    await call('POST', '/api/push-subscriptions/test');
    return true;
  } catch {
    return false;
  }
}

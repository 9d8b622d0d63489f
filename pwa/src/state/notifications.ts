/**
 * Being woken: permission, the push subscription of this phone, and a test of the whole way.
 *
 * Asks for permission only after a tap. Subscribing may hang for ever behind a firewall, so it races a limit. What a
 * notification shows is the service worker's affair.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import { fromBase64url } from '../storage/bytes.ts';
import { call } from '../transport/client.ts';
import { me, program } from './phase.ts';

export type NotificationState = 'off' | 'on' | 'denied' | 'unsupported' | 'failed';

const LIMIT_MS = 20_000;

const state = signal<NotificationState>('off');
export const notifications: ReadonlySignal<NotificationState> = state;

const supported = (): boolean => 'Notification' in globalThis && 'PushManager' in globalThis && 'serviceWorker' in navigator;

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It took too long.')), LIMIT_MS);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

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

async function subscribe(publicKey: string): Promise<PushSubscription> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: fromBase64url(publicKey) };
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    // A subscription to a former key of the server stands in the way; it could never be reached again.
    const former = await pushManager.getSubscription();
    if (!former) throw error;
    await former.unsubscribe();
    return pushManager.subscribe(options);
  }
}

async function register(): Promise<void> {
  const publicKey = program.peek()?.vapid_public_key;
  const device_id = me.peek()?.device_id;
  if (!publicKey || !device_id) throw new Error('The program is not known on this phone yet.');
  const { endpoint, keys } = (await subscribe(publicKey)).toJSON();
  await call('POST', '/api/push-subscriptions', { device_id, endpoint, keys: { p256dh: keys?.['p256dh'], auth: keys?.['auth'] } });
}

/** Call from a tap. Returns what came of it; `off` when the person closed the question. */
export async function enableNotifications(): Promise<NotificationState> {
  if (!supported()) return (state.value = 'unsupported');
  const permission = await Notification.requestPermission();
  if (permission !== 'granted') return (state.value = permission === 'denied' ? 'denied' : 'off');
  try {
    await within(register());
    state.value = 'on';
  } catch {
    state.value = 'failed';
  }
  return state.value;
}

/** Sends a page to oneself, by the way a real one takes. */
export async function sendTest(): Promise<boolean> {
  try {
    await call('POST', '/api/push-subscriptions/test');
    return true;
  } catch {
    return false;
  }
}

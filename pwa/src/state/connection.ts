/** When to exchange with the server, and what to say about it. */
import { signal, type ReadonlySignal } from '@preact/signals';

export type Connection = 'connected' | 'offline' | 'sign_in';
export const connection: ReadonlySignal<Connection> = signal<Connection>('offline');
export const waiting: ReadonlySignal<number> = signal(0);
export const lastSyncAt: ReadonlySignal<number | null> = signal<number | null>(null);
export const canSendClosed: boolean = 'SyncManager' in globalThis;
export declare function syncNow(): Promise<void>;

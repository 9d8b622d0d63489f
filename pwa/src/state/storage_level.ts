/** How much room is left on the phone, as far as anybody can tell. Written by `room.ts`, which arrives later. */
import { signal, type Signal } from '@preact/signals';

/** high, full: the browser says so. spent: a write found no room, and the reserve is gone; nothing new may be begun. */
export type StorageLevel = 'fine' | 'high' | 'full' | 'spent';

export const storageLevel: Signal<StorageLevel> = signal('fine');

/** The worker's own scope, and the two events that the language's library does not know. */
declare const self: ServiceWorkerGlobalScope;

/** Background Sync (Chromium). */
export interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
  /** The browser will not try this registration again. */
  readonly lastChance: boolean;
}

export const scope = self as ServiceWorkerGlobalScope & {
  readonly registration: ServiceWorkerRegistration & { readonly sync?: { register(tag: string): Promise<void> } };
};

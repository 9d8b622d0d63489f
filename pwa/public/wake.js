// Wakes the browser's storage, which takes about as long as the app takes to arrive. Nothing is read or kept.
globalThis.indexedDB?.databases?.();

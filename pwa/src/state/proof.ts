/**
 * The fresh proof that the server wants before exports, roles, devices and the like: any call may need it, on any screen.
 *
 * Answers for asking (the shell shows the dialog) and for telling `transport/client.ts`, which then sends the call again.
 */
import { onProofNeeded } from '../transport/client.ts';
import { proofAsked } from './memory.ts';
import { afterLock, phase } from './phase.ts';

let settle: ((given: boolean) => void) | null = null;

/** The server took a proof, or the person would not give one. */
export function proofSettled(given: boolean): void {
  settle?.(given);
  settle = null;
  proofAsked.value = false;
}

/** Call once. */
export function startProofs(): void {
  onProofNeeded(() => {
    if (phase.peek() !== 'open') return Promise.resolve(false);
    proofAsked.value = true;
    return new Promise((resolve) => {
      settle = resolve;
    });
  });
  afterLock(() => proofSettled(false));
}

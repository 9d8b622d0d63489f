/** One action at a time: the button is busy until the work is stored, and a failure is said instead of swallowed. */
import { useRef, useState } from 'preact/hooks';

/** What is done sooner never looks busy: drawing that would cost as much as the work. */
const LOOKS_BUSY_AFTER_MS = 100;

export interface Busy {
  busy: boolean;
  failed: boolean;
  run: (work: () => Promise<void>) => void;
}

export function useBusy(): Busy {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const running = useRef(false);
  const run = (work: () => Promise<void>): void => {
    if (running.current) return;
    running.current = true;
    const slow = setTimeout(() => setBusy(true), LOOKS_BUSY_AFTER_MS);
    setFailed(false);
    work()
      .catch((error: unknown) => {
        setFailed(true);
        // Ids and causes only reach the browser's own console; nothing leaves the phone.
        console.error(error);
      })
      .finally(() => {
        running.current = false;
        clearTimeout(slow);
        setBusy(false);
      });
  };
  return { busy, failed, run };
}

/** One action at a time: the button is busy until the work is stored, and a failure is said instead of swallowed. */
import { useRef, useState } from 'preact/hooks';

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
    setBusy(true);
    setFailed(false);
    work()
      .catch((error: unknown) => {
        setFailed(true);
        // Ids and causes only reach the browser's own console; nothing leaves the phone.
        console.error(error);
      })
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  };
  return { busy, failed, run };
}

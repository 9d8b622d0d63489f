/** What opens a simulated phone's vault: a passkey's secret that follows from the device's id, so that no key is stretched. */
import type { PasskeySecret } from '../src/storage/unlock.ts';

const SECRET_BYTES = 32;

export function proofOf(device_id: string): PasskeySecret {
  const letters = new TextEncoder().encode(device_id.replaceAll('-', ''));
  return { credential_id: 'simulation', secret: letters.slice(0, SECRET_BYTES) };
}

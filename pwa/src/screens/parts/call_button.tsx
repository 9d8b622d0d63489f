/** One tap to call the staffed line: from the program kept on the phone, offline and locked too. Locks nothing. */
import { t } from '../../state/language.ts';
import { callable } from '../../state/session.ts';

interface CallProps {
  /** Another number than the program's line: an officer's call-back. */
  number?: string | null | undefined;
  name?: string;
  kind?: 'plain' | 'act' | 'quiet';
}

export const dialled = (number: string): string => `tel:${number.replace(/[^\d+*#,;]/g, '')}`;

export function CallButton({ number, name, kind = 'plain' }: CallProps) {
  const to = number ?? callable.value?.call_number;
  if (!to) return null;
  const who = name ?? (number ? undefined : callable.value?.call_name);
  return (
    <a class={`button call ${kind}`} href={dialled(to)} aria-label={who ? `${t('call_who', { name: who })}, ${to}` : undefined}>
      {number && who ? t('call_who', { name: who }) : t('call')}
    </a>
  );
}

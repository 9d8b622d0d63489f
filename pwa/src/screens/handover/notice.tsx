/** Room runs short: said on the home screen, with what helps. */
import { t } from '../../state/language.ts';
import { storageLevel } from '../../state/storage_level.ts';
import { LinkButton } from '../parts/button.tsx';
import { Card } from '../parts/screen.tsx';

const SENTENCES = { high: 'room_high', full: 'room_full', spent: 'room_spent' } as const;

export function Notice() {
  const level = storageLevel.value;
  if (level === 'fine') return null;
  return (
    <Card title={t('room_title')} tone={level === 'high' ? 'wait' : 'bad'}>
      <p role={level === 'spent' ? 'alert' : undefined}>{t(SENTENCES[level])}</p>
      <LinkButton to="/me/phone">{t('room_open')}</LinkButton>
    </Card>
  );
}

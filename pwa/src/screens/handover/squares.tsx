/** What waits, as squares for a colleague's camera: one after the other, for as long as it takes. */
import encodeQR from 'qr';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { Button, LinkButton } from '../parts/button.tsx';
import { Screen } from '../parts/screen.tsx';
import { framesOf, SQUARES_LIMIT_BYTES, type Frames } from './frames.ts';
import { ready } from './give.tsx';
import { packed } from './packed.ts';

/** No more than three changes a second: more can harm people who react to flashes (WCAG 2.3.1). */
const FRAME_MS = 1000 / 3;
/** A white margin, without which cameras do not find the square. */
const BORDER = 4;

type Content = Frames | 'none' | 'too_much';

async function prepare(): Promise<Content> {
  const made = await ready();
  if (made === null) return 'none';
  const content = await packed(made.content);
  return content.length > SQUARES_LIMIT_BYTES ? 'too_much' : framesOf(content);
}

/** The dark modules as one path, a unit each. */
function pathOf(text: string): { size: number; path: string } {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', encoding: 'alphanumeric', border: BORDER });
  const dark = rows.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size: rows.length, path: dark.join('') };
}

export function Squares() {
  const [content, setContent] = useState<Content | null>(null);
  useEffect(() => void prepare().then(setContent), []);
  return (
    <Screen title={t('squares_title')} back>
      {content === 'none' && <p>{t('give_none')}</p>}
      {content === 'too_much' && (
        <>
          <p>{t('squares_too_much')}</p>
          <LinkButton to="/me/phone/give">{t('give_title')}</LinkButton>
        </>
      )}
      {content !== null && typeof content === 'object' && <Shown frames={content} />}
    </Screen>
  );
}

function Shown({ frames: { total, frame } }: { frames: Frames }) {
  const [number, setNumber] = useState(0);
  const [paused, setPaused] = useState(false);
  useEffect(() => {
    if (paused) return;
    const timer = setInterval(() => setNumber((before) => before + 1), FRAME_MS);
    return () => clearInterval(timer);
  }, [paused]);
  const { size, path } = pathOf(frame(number));
  return (
    <>
      <p>{t('squares_lead')}</p>
      <svg class="squares" role="img" aria-label={t('squares_label')} data-frame={number} viewBox={`0 0 ${size} ${size}`}>
        <rect width="100%" height="100%" fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
      <p class="soft">{t('squares_place', { n: (number % total) + 1, total, round: Math.floor(number / total) + 1 })}</p>
      <Button pressed={paused} onClick={() => setPaused(!paused)}>
        {t('squares_pause')}
      </Button>
    </>
  );
}

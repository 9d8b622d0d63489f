/** Reading a colleague's squares with this phone's camera. The pictures are looked at and forgotten. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';
import { LinkButton } from '../parts/button.tsx';
import { Screen } from '../parts/screen.tsx';
import { accept } from './bring.tsx';
import { collect, reader } from './camera.ts';
import { unpacked } from './packed.ts';

type Heard = { good: boolean; said: string };

async function scan(video: HTMLVideoElement, onProgress: (found: number, total: number) => void, stopped: () => boolean): Promise<Heard | null> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
  } catch {
    return { good: false, said: t('scan_no_camera') };
  }
  try {
    video.srcObject = stream;
    await video.play();
    const look = await reader();
    const { content } = await collect(video, look, ({ progress }) => onProgress(progress.found, progress.total), stopped);
    if (content === null) return null;
    return await unpacked(content).then(accept, () => ({ good: false, said: t('bring_damaged') }));
  } catch {
    return stopped() ? null : { good: false, said: t('scan_failed') };
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

export function Scan() {
  const video = useRef<HTMLVideoElement>(null);
  const [{ found, total }, setProgress] = useState({ found: 0, total: 0 });
  const [heard, setHeard] = useState<Heard | null>(null);
  useEffect(() => {
    let left = false;
    void scan(video.current!, (some, all) => setProgress({ found: some, total: all }), () => left).then((said) => {
      if (said === null || left) return;
      setHeard(said);
      announce(said.said);
    });
    return () => {
      left = true;
    };
  }, []);
  return (
    <Screen title={t('scan_title')} back>
      {heard === null ? (
        <>
          <p>{t('scan_lead')}</p>
          <video class="viewfinder" ref={video} muted playsInline />
          <p role="status">{total === 0 ? t('scan_searching') : t('scan_progress', { n: found, total })}</p>
          {total > 0 && <progress aria-label={t('scan_title')} value={found} max={total} />}
        </>
      ) : (
        <>
          <p class={`state ${heard.good ? 'good' : 'bad'}`}>{heard.said}</p>
          <LinkButton to="/me/phone/bring">{t(heard.good ? 'scan_on' : 'bring_title')}</LinkButton>
        </>
      )}
    </Screen>
  );
}

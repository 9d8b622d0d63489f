/** Says aloud that somebody asks for a change, when it comes while the screen is looked at. */
import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';

/** `asked`: how many requests wait for the reader; fewer are the reader's own doing. */
export function useAnnouncedRequests(asked: number): void {
  const former = useRef(0);
  useEffect(() => {
    if (asked > former.current) announce(t('rota_requests_wait'));
    former.current = asked;
  }, [asked]);
}

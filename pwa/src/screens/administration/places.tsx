/** The ways between the rooms of an administrator; a supervisor finds theirs below the queue. */
import { minute } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { route } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { useAsked } from './asking.tsx';
import { openRequests } from './requests.ts';
import { askRequests } from './server.ts';

const OF_ADMINISTRATORS = ['', 'invite', 'devices', 'decide', 'recovery', 'glass', 'looked', 'rules'] as const;
const OF_SUPERVISORS = ['quarantine', 'devices', 'decide', 'recovery', 'glass', 'looked', 'retention'] as const;
type Place = (typeof OF_ADMINISTRATORS)[number] | (typeof OF_SUPERVISORS)[number];

/** The rooms that a role may enter, in the order of their links. */
export const placesOf = (role: string | undefined): readonly Place[] =>
  role === 'administrator' ? OF_ADMINISTRATORS : role === 'supervisor' ? OF_SUPERVISORS : [];

/** How many wait for this person is told only if the server can be asked. */
export function Places({ waiting }: { waiting?: number | undefined }) {
  const here = route.value.name;
  return (
    <nav class="places no-print" aria-label={t('adm_places')}>
      {placesOf(me.value?.role).map((place) => (
        <a key={place} class="button" href={`#/${place}`} aria-current={here === place ? 'page' : undefined}>
          {t(`adm_place_${place || 'people'}`)}
          {place === 'decide' && waiting ? ` · ${waiting}` : ''}
        </a>
      ))}
    </nav>
  );
}

/** The links, with the number of requests that this person can decide; asked again by the minute. */
export function CountedPlaces() {
  const [asked] = useAsked(askRequests, '', `${route.value.name} ${minute.value}`);
  return <Places waiting={asked.state === 'told' ? openRequests(asked.told).length : undefined} />;
}

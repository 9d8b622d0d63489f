/**
 * What a notification may say: constant sentences in two languages, nothing about anybody who is helped.
 *
 * The lock screen is read by whoever holds the phone. Everything else is in the app, behind its lock. `{by}` are the
 * initials of whoever has the referral, `{n}` minutes. `api/paging/channels/texts.py` says the same in the same words: its
 * sentences stand where this worker does not run (Safari's own notification, e-mail, text messages).
 */
export type Language = 'en' | 'es';

export const TEXTS = {
  en: {
    officer_waiting: 'Officer waiting',
    referral_waiting: 'Referral waiting',
    taken: 'Somebody else has it',
    taken_by: 'Taken by {by}',
    seen: 'A coordinator has your referral',
    seen_by: '{by} has your referral',
    arriving: 'Arriving in {n} min',
    test: 'This is a test. Your phone can be reached',
    phone_removed: 'A phone of yours is no longer reached. Open the app on it',
    phone_silent: 'Your phone did not answer its test',
    colleague_silent: 'A colleague’s phone did not answer its test',
    cover_asked: 'You are asked to take a shift',
    cover_declined: 'Your shift stays yours: they cannot take it',
    rota_changed: 'Your shifts have changed',
    unknown: 'Something is waiting for you',
    open: 'Open the app to see it',
    have_it: 'I have it',
    acknowledged: 'You have it',
    already: 'Somebody has it already',
    refused: 'Not acknowledged. Open the app',
    kept: 'Not yet acknowledged',
    kept_body: 'No connection. It will be tried again; open the app or call',
  },
  es: {
    officer_waiting: 'Oficial en espera',
    referral_waiting: 'Remisión en espera',
    taken: 'Otra persona ya la tiene',
    taken_by: 'La tiene {by}',
    seen: 'Un coordinador tiene su remisión',
    seen_by: '{by} tiene su remisión',
    arriving: 'Llega en {n} min',
    test: 'Esto es una prueba. Su teléfono recibe avisos',
    phone_removed: 'Uno de sus teléfonos ya no recibe avisos. Abra la aplicación en él',
    phone_silent: 'Su teléfono no respondió a su prueba',
    colleague_silent: 'El teléfono de un colega no respondió a su prueba',
    cover_asked: 'Le piden que tome un turno',
    cover_declined: 'El turno sigue siendo suyo: no pueden tomarlo',
    rota_changed: 'Sus turnos han cambiado',
    unknown: 'Algo le espera',
    open: 'Abra la aplicación para verlo',
    have_it: 'La tengo',
    acknowledged: 'Usted la tiene',
    already: 'Otra persona ya la tiene',
    refused: 'No se ha confirmado. Abra la aplicación',
    kept: 'Aún no se ha confirmado',
    kept_body: 'Sin conexión. Se intentará de nuevo; abra la aplicación o llame',
  },
} as const satisfies Record<Language, Record<string, string>>;

export type TextKey = keyof (typeof TEXTS)['en'];

export const isText = (key: unknown): key is TextKey => typeof key === 'string' && Object.hasOwn(TEXTS.en, key);

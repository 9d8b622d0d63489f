/**
 * What a notification may say: constant sentences in two languages, nothing about anybody.
 *
 * The lock screen is read by whoever holds the phone. Everything else is in the app, behind its lock.
 */
export type Language = 'en' | 'es';

export const TEXTS = {
  en: {
    officer_waiting: 'An officer is waiting with a referral',
    referral_waiting: 'A referral is waiting',
    taken: 'Somebody else has it',
    seen: 'A coordinator has your referral',
    test: 'This is a test. Your phone can be reached',
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
    officer_waiting: 'Un oficial espera con una remisión',
    referral_waiting: 'Hay una remisión en espera',
    taken: 'Otra persona ya la tiene',
    seen: 'Un coordinador tiene su remisión',
    test: 'Esto es una prueba. Su teléfono recibe avisos',
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

/** The sentences of the screen that answers a page, in Spanish (usted). A missing one does not compile. */
import type { en } from './answer.en.ts';

export const es: Record<keyof typeof en, string> = {
  paged_officer_waiting: 'Oficial en espera',
  paged_referral_waiting: 'Remisión en espera',
  paged_asked: 'Nadie ha dicho aún que la tiene',
  paged_lead: 'Quién es y dónde está se ve en la aplicación, tras el bloqueo.',
  paged_have_it: 'La tengo',
  paged_sending: 'Enviando',
  paged_yours: 'Usted la tiene',
  paged_yours_locked: 'Usted la tiene: desbloquee para verla',
  paged_already: '{by} ya la tiene',
  paged_already_someone: 'Otra persona ya la tiene',
  paged_refused: 'Este aviso ha terminado. Abra la aplicación para ver qué espera.',
  paged_kept: 'Aún no se ha confirmado. Sin conexión: se intentará de nuevo; abra la aplicación o llame',
  paged_lost: 'No se ha confirmado. Este teléfono no pudo enviar ni guardar su respuesta. Intente de nuevo o llame.',
  paged_again: 'Intentar ahora',
  paged_unlock: 'Desbloquear para verla',
  paged_open: 'Abrir la aplicación',
};

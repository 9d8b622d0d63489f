/** The sentences of the screen that answers a page, in English: read before the lock, so nothing about anybody. */
export const en = {
  paged_officer_waiting: 'Officer waiting',
  paged_referral_waiting: 'Referral waiting',
  paged_asked: 'Nobody has said yet that they have it',
  paged_lead: 'Who and where is in the app, behind its lock.',
  paged_have_it: 'I have it',
  paged_sending: 'Sending',
  paged_yours: 'You have it',
  paged_yours_locked: 'You have it — unlock to see it',
  paged_already: '{by} has it already',
  paged_already_someone: 'Somebody has it already',
  paged_refused: 'This page has ended. Open the app to see what is waiting.',
  paged_kept: 'Not yet acknowledged. No connection: it will be tried again; open the app or call',
  paged_lost: 'Not acknowledged. This phone could neither send nor keep your answer. Try again, or call.',
  paged_again: 'Try again now',
  paged_unlock: 'Unlock to see it',
  paged_open: 'Open the app',
};

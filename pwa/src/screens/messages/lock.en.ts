/** The sentences of the lock, in English. */
export const en = {
  locked_title: 'Locked',
  unlock_as: 'Signed in as {login}',
  choose_officer: 'Who is using this phone?',
  choose_other: 'Someone else',
  unsent_of_others_one:
    '{n} referral entry on this phone is waiting to be sent. It goes on being sent, whoever signs in.',
  unsent_of_others_other: '{n} entries on this phone are waiting to be sent. They go on being sent, whoever signs in.',
  cannot_unlock: 'I cannot unlock',
  write_only_title: 'Write without unlocking',
  write_only_lead:
    'You can still write one referral and send it. It cannot be saved half-way: finish it in one sitting. A supervisor will check it, because this phone cannot sign it.',
  write_only_start: 'Write one referral now',
  wraps_gone_title: 'This phone has lost its key',
  wraps_gone_lead:
    'Drafts on this phone cannot be opened any more. What was finished is still sent. Sign in again to set the phone up, or write one referral now.',

  old_passphrase_title: 'Your passphrase has changed',
  old_passphrase_lead:
    'What is written on this phone is still locked with your old passphrase. Enter the old one once, and the new one opens it from now on.',
  old_passphrase_label: 'Old passphrase',
  old_passphrase_wrong: 'That is not the passphrase this phone was locked with. Try again.',
  old_passphrase_use: 'Use the new passphrase',
  start_afresh: 'I no longer know the old one',
  start_afresh_lead:
    'Drafts on this phone that were not finished can then no longer be read. What was finished is still sent. Continue?',
  start_afresh_yes: 'Continue without the old drafts',
};

/** The sentences of the lock, and what is rarely said at sign-in, in English. */
export const en = {
  locked_title: 'Locked',
  unlock_passkey: 'Unlock with passkey',
  tries_left_one: 'One more wrong passphrase, and drafts on this phone are lost. What was finished is still sent.',
  tries_left_other: '{n} more wrong passphrases, and drafts on this phone are lost. What was finished is still sent.',
  pin: 'PIN',
  pin_wrong: 'That is not the PIN. After five wrong ones it is gone, and the passphrase opens the phone.',
  pin_forget: 'Use the passphrase',
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

  sign_in_server: 'The server did not answer as expected. Nothing on this phone is lost. Try again in a minute.',
  sign_in_too_many: 'Too many attempts. Wait {minutes} min and try again.',
  sign_in_storage: 'This browser cannot keep anything on this phone (private mode?). Open the app in a normal window.',
  sign_in_device: 'This phone could not be enrolled. Ask your administrator.',
  sign_in_code_label: 'Six-digit code',
  sign_in_code_wrong: 'That is not the code of this moment, or it has been used. Wait for the next one, and enter that.',
  sign_in_code: 'Enter the six digits that your authenticator app shows now.',
  sign_in_passkey: 'Sign in with a passkey',
  sign_in_passkey_not_used:
    'The passkey was not used. It was cancelled, or this phone could not check that it is you: that takes a screen lock, a fingerprint or a face. Try again, or use the passphrase.',
  sign_in_passkey_unknown: 'The server does not know this passkey. Use your passphrase.',
  sign_in_passkey_shut: 'This passkey does not open what is on this phone. Use your passphrase.',
  sign_in_passkey_only: 'This phone opens with your passkey. Unlock it with that; then you can add a passphrase under “Me”.',
  join_have_code: 'I have an invitation',
};

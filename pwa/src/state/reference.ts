/**
 * How a referral is named where nothing about a person may stand: in a text message that strangers can read.
 *
 * The officer's message and the staff's screens must show the same, so that one can be found by the other.
 */

/** Digits and letters that are not mistaken for each other when read aloud or written down (Crockford's base 32). */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 5;
/** Hexadecimal digits that hold five letters of five bits; the end of an id is random where its beginning is a time. */
const DIGITS = 7;

/** A short code of a referral's id, such as 7F3K2: known on the phone before the server has given a number. */
export function shortReference(referral_id: string): string {
  const bits = Number.parseInt(referral_id.slice(-DIGITS), 16);
  return Array.from({ length: LENGTH }, (_, at) => LETTERS[(bits >>> (5 * (LENGTH - 1 - at))) & 31]).join('');
}

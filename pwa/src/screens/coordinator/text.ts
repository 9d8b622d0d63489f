/** Typed text as it is submitted. */

const HALF_A_PAIR = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** A length limit can cut an emoji in two, and half of one has no canonical form: the operation could not be signed. */
export const clean = (text: string): string => text.replace(HALF_A_PAIR, '\uFFFD').trim();

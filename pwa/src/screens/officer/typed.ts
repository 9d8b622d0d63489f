/** Text as somebody typed it, made fit to be sent. */

const HALF_A_PAIR = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Typed text as it is sent. A length limit can cut an emoji in two, and half of one has no canonical form. */
export const clean = (text: string): string => text.replace(HALF_A_PAIR, '\uFFFD').trim();

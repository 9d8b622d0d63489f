/**
 * Four words that nobody has ever used: a passphrase to offer, easy to say in English and in Spanish.
 *
 * Each is drawn from 13 × 5 × 13 × 5 × 5 = 21,125, so four hold 57 bits. Letters that the two languages write or hear
 * differently (b and v, c, h, q, z) are left out.
 */
const FIRST = 'bdfgklmnprstj';
const VOWELS = 'aeiou';
const LAST = ['', 'l', 'n', 'r', 's'];
const WORDS = 4;
/** How words begin that nobody should be offered, in either language. */
const UNWANTED = /^(put|nig|fag|fak|fuk|mam|ped|pit|tet|kak|pip|pis|sem|rap|dik|kul|kun|tur|jod|bol|gor|lok|ton|mor|nar|mar|neg|gas|tit|sek|bas|poj|pol|pen)/;

/** A number below `below`, each as likely as the other. */
function draw(below: number): number {
  const fair = 256 - (256 % below);
  for (;;) {
    const byte = crypto.getRandomValues(new Uint8Array(1))[0]!;
    if (byte < fair) return byte % below;
  }
}

const one = (of: ArrayLike<string>): string => of[draw(of.length)]!;

function word(): string {
  for (;;) {
    const made = one(FIRST) + one(VOWELS) + one(FIRST) + one(VOWELS) + one(LAST);
    if (!UNWANTED.test(made)) return made;
  }
}

export const fourWords = (): string => Array.from({ length: WORDS }, word).join(' ');

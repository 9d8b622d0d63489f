/** The small rooms in English, as one file to fetch: each alone would cost more in asking than in reading. */
export { en as answer } from './answer.en.ts';
export { en as lock } from './lock.en.ts';
export { en as parts } from './parts.en.ts';
export { en as settings } from './settings.en.ts';

/** The door to everything that comes after the first screen: whoever needs one of these asks for all, and it is one file. */
export { signIn } from './access.ts';
export { begin } from './begin.ts';
export { readPhone, takeOfficer } from './enrolments.ts';
export { run, soon } from './exchange.ts';
export { endSession } from './renewal.ts';
export { unlock } from './unlocking.ts';

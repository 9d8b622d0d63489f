/** How far a clock is off, in the one unit that a person would use: "3 years", "2 hours". Pure. */

const UNITS: readonly [unit: string, ms: number][] = [
  ['year', 365 * 24 * 3_600_000],
  ['day', 24 * 3_600_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

export function lengthOf(off_ms: number, language: string): string {
  const size = Math.abs(off_ms);
  const [unit, ms] = UNITS.find(([, each]) => size >= each) ?? ['minute', 60_000];
  const count = Math.max(1, Math.floor(size / ms));
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

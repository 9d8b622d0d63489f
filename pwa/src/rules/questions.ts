/** In which order an officer is asked: the twin of `eligibility_rules/questions.py`, which documents the greedy order. */

/** What one open rule waits for, and what its `when` waits for (nothing, if it holds or there is none). */
export interface OpenRule {
  readonly bars: boolean;
  missing: readonly string[];
  gate: readonly string[];
}

/** Far above the number of rules that a pack can hold, so that no lower step of the order outweighs a higher one. */
const SETTLES = 2 ** 16;
const BARS = 2 ** 32;

/** The candidates (in the pack's order), best first. Empties the rules that it is given. */
export function inGreedyOrder(candidates: readonly string[], open: readonly OpenRule[]): string[] {
  const weights = new Map(candidates.map((name) => [name, 0]));
  const add = (name: string | undefined, weight: number): void => {
    const before = weights.get(name!);
    if (before !== undefined) weights.set(name!, before + weight);
  };
  const weigh = ({ bars, missing, gate }: OpenRule, sign: number): void => {
    const alone = missing.length === 1 ? missing : gate;
    if (alone.length === 1) add(alone[0], sign * (bars ? SETTLES + BARS : SETTLES));
  };
  for (const rule of open) {
    for (const name of rule.missing) add(name, 1);
    weigh(rule, 1);
  }
  const chosen: string[] = [];
  while (weights.size > 0) {
    let best = '';
    let most = -1;
    for (const [name, weight] of weights) if (weight > most) [best, most] = [name, weight];
    chosen.push(best);
    weights.delete(best);
    for (const rule of open) {
      if (!rule.missing.includes(best)) continue;
      weigh(rule, -1);
      rule.missing = rule.missing.filter((name) => name !== best);
      rule.gate = rule.gate.filter((name) => name !== best);
      weigh(rule, 1);
    }
  }
  return chosen;
}

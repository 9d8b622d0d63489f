/** A declined offer: a count and nothing else. */
export interface Tally {
  pathway: string;
  answer: 'declined' | 'walked_away';
  reason: string | null;
  demographics: Record<string, string>;
}
export declare function tally(counted: Tally): Promise<void>;

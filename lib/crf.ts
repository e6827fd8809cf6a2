/**
 * A linear-chain conditional random field (Lafferty, McCallum & Pereira 2001) at work: given a score for each label at each place of a
 * sequence, the best sequence of labels by Viterbi's algorithm. `crf-train.ts` finds the weights.
 */

export class Viterbi {
  private readonly labels: number;
  /** From label i to label j: `transitions[i * labels + j]`; forbidden ones are −Infinity. */
  private readonly transitions: Float64Array;
  /** Of the first place. */
  private readonly starts: Float64Array;
  private readonly best: Float64Array;
  private readonly next: Float64Array;
  private readonly back: Uint8Array;

  /** Sequences are at most `length_max` long. */
  constructor(transitions: ArrayLike<number>, starts: ArrayLike<number>, length_max: number) {
    this.labels = starts.length;
    this.transitions = Float64Array.from(transitions);
    this.starts = Float64Array.from(starts);
    this.best = new Float64Array(this.labels);
    this.next = new Float64Array(this.labels);
    this.back = new Uint8Array(length_max * this.labels);
  }

  /** `scores` is a row of labels a place; writes the label of each of the first `length` places into `path`. Linear in `length`. */
  decode(scores: ArrayLike<number>, length: number, path: Uint8Array): void {
    if (length === 0) return;
    const { labels, transitions, best, next, back } = this;
    for (let j = 0; j < labels; j++) best[j] = this.starts[j]! + scores[j]!;
    for (let at = 1; at < length; at++) {
      for (let j = 0; j < labels; j++) {
        let from = 0;
        let highest = best[0]! + transitions[j]!;
        for (let i = 1; i < labels; i++) {
          const score = best[i]! + transitions[i * labels + j]!;
          if (score > highest) [highest, from] = [score, i];
        }
        next[j] = highest + scores[at * labels + j]!;
        back[at * labels + j] = from;
      }
      best.set(next);
    }
    let label = 0;
    for (let j = 1; j < labels; j++) if (best[j]! > best[label]!) label = j;
    for (let at = length - 1; at >= 0; at--) {
      path[at] = label;
      label = back[at * labels + label]!;
    }
  }
}

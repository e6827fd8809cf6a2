/** Mean over the classes that occur of 2·tp / (predicted + actual), 0 to 1. */
export function macroF1(pairs: readonly (readonly [actual: string, predicted: string])[]): number {
  const classes = [...new Set(pairs.map(([actual]) => actual))];
  const f1s = classes.map(each => {
    const hits = pairs.filter(([actual, predicted]) => actual === each && predicted === each).length;
    const actual = pairs.filter(pair => pair[0] === each).length;
    const predicted = pairs.filter(pair => pair[1] === each).length;
    return (2 * hits) / (actual + predicted);
  });
  return f1s.reduce((sum, f1) => sum + f1, 0) / f1s.length;
}

/** The probability that a positive is scored above a negative, ties counting half (area under the ROC curve). */
export function auc(positives: readonly number[], negatives: readonly number[]): number {
  const ranked = [
    ...positives.map(score => ({ score, positive: true })),
    ...negatives.map(score => ({ score, positive: false })),
  ].sort((a, b) => a.score - b.score);
  let below = 0;
  let sum = 0;
  for (let start = 0, end = 0; start < ranked.length; start = end) {
    while (end < ranked.length && ranked[end]?.score === ranked[start]?.score) end++;
    const tied = ranked.slice(start, end);
    const tiedPositives = tied.filter(each => each.positive).length;
    const tiedNegatives = tied.length - tiedPositives;
    sum += tiedPositives * (below + tiedNegatives / 2);
    below += tiedNegatives;
  }
  return sum / (positives.length * negatives.length);
}

/** Whether an example is positive, and its score. */
export type Scored = readonly [actual: boolean, score: number];

/** As `auc`. */
export function aucOf(scored: readonly Scored[]): number {
  const of = (actual: boolean): number[] => scored.filter(each => each[0] === actual).map(each => each[1]);
  return auc(of(true), of(false));
}

/** Of the class `true`: 2·tp / (predicted + actual), 0 to 1. */
export function f1(pairs: readonly (readonly [actual: boolean, predicted: boolean])[]): number {
  const hits = pairs.filter(([actual, predicted]) => actual && predicted).length;
  const total = pairs.filter(([actual]) => actual).length + pairs.filter(([, predicted]) => predicted).length;
  return total === 0 ? 0 : (2 * hits) / total;
}

/** Pearson's correlation, −1 to 1. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const [mean_a, mean_b] = [mean(a), mean(b)];
  let [both, square_a, square_b] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [off_a, off_b] = [a[at]! - mean_a, b[at]! - mean_b];
    both += off_a * off_b;
    square_a += off_a * off_a;
    square_b += off_b * off_b;
  }
  return both / Math.sqrt(square_a * square_b);
}

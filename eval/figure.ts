import type { Interval } from './draws.ts';

/** One measured number, a row of the table of figures. */
export interface Figure {
  readonly what: string;
  readonly data: string;
  readonly measure: 'macro-F1' | 'F1' | 'AUC' | 'share' | 'Pearson r' | 'ECE';
  readonly value: number;
  readonly examples: number;
  /** Of a small set: the 95 % interval of `value`, by bootstrap over its examples. */
  readonly interval?: Pick<Interval, 'low' | 'high'>;
}

/** As a line of a Markdown table. */
export function rowOf({ what, data, examples, measure, value, interval }: Figure): string {
  const within = interval ? ` (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : '';
  return `| ${what} | ${data} | ${examples} | ${measure} | ${value.toFixed(3)}${within} |`;
}

/** One measured number, a row of the table of figures. */
export interface Figure {
  readonly what: string;
  readonly data: string;
  readonly measure: 'macro-F1' | 'F1' | 'AUC' | 'share' | 'Pearson r' | 'ECE';
  readonly value: number;
  readonly examples: number;
}

/** As a line of a Markdown table. */
export function rowOf({ what, data, examples, measure, value }: Figure): string {
  return `| ${what} | ${data} | ${examples} | ${measure} | ${value.toFixed(3)} |`;
}

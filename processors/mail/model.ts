/** What a mail's enrichment records of each model it used. */
export interface MailModel {
  readonly name: string;
  /** Changes whenever the same mail could get another answer. */
  readonly version: string;
}

/** What the peers answer, as Millrace answered it. */
export interface Answer {
  /** Without those that every server sets by itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a peer is asked for, and where it does that. */
export const route = '/api/emails/:id';

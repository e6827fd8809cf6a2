/** What the runtimes read and extend in every record: where it came from and the steps it took. */
export interface Hop {
  stage: string;
  version: number;
  topic: string;
  partition: number;
  offset: number;
  at_ms: number;
}

export interface Lineage {
  source: string;
  sequence: number;
  origin: 'live' | 'backfill';
  ingested_at_ms: number;
  hops: Hop[];
  /** The span that wrote it, where it is traced (traces.ts). */
  traceparent: string | null;
}

/** A record as a stage writes it: the runtime adds the lineage. */
export type Draft<T> = Omit<T, 'lineage'>;

export function lineageOf(record: unknown): Lineage | null {
  return (record as { lineage?: Lineage } | null)?.lineage ?? null;
}

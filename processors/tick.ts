/** The watermark as records: what tells the time to stages that wake, among what is counted. */
import type { Measurement } from '../schemas/generated.ts';

/**
 * Keys of a partition that wake at a tick, the others at the next ones: what a large import brought is forgotten at once where
 * nothing ran for days, and all of it in one transaction would take more memory than there is.
 */
export const woken_max = 20_000;

/** What tells the time to one partition. */
export function tick(at_ms: number): Measurement {
  const owner = { organization_id: '', mailbox: '', owner_id: '', team_id: '' };
  const lineage = {
    source: '',
    sequence: 0,
    origin: 'live' as const,
    ingested_at_ms: at_ms,
    hops: [],
    traceparent: null,
  };
  return { owner, category: '', measure: 'tick', value: 0, at_ms, record_id: '', lineage };
}

/** The time that a record tells, in milliseconds since 1970; null of whatever is no tick. */
export function timeTold(record: object): number | null {
  return 'measure' in record && record.measure === 'tick' ? (record as Measurement).at_ms : null;
}

import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { lineage, owner, place, same } from './columns.ts';

/** One row for each mailbox that a message reached. */
export const deliveries = defineSink({
  name: 'deliveries',
  input: topics.delivery,
  table: 'deliveries',
  columns: { ...owner('owner'), ...same('email_id'), received_at: 'received_at_ms', ...lineage, ...place },
});

import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { lineage, owner, place, same } from './columns.ts';

/** One row for each arrival of a record that had arrived before. */
export const duplicates = defineSink({
  name: 'duplicates',
  input: topics.duplicate,
  table: 'duplicates',
  columns: {
    ...owner('owner'),
    ...same('record_id', 'kind', 'first_source', 'first_sequence'),
    seen_at: 'seen_at_ms',
    ...lineage,
    ...place,
  },
});

import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { same } from './columns.ts';

/** How far each source has been read. */
export const sourcePositions = defineSink({
  name: 'source_positions',
  input: topics.sourcePosition,
  table: 'source_positions',
  replacing: true,
  columns: {
    ...same('organization_id', 'source', 'connector', 'sequence', 'position', 'done', 'error'),
    read_at: 'read_at_ms',
    kafka_offset: '_offset',
  },
});

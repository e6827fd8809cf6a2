import { defineSink } from '../lib/sink.ts';
import { topics } from '../schemas/topics.ts';
import { place, same } from './columns.ts';

/** One row for each deed. */
export const auditEvents = defineSink({
  name: 'audit-events',
  input: topics.auditEvent,
  table: 'audit_events',
  columns: {
    ...same('event_id', 'organization_id', 'actor', 'action', 'object', 'outcome', 'remote_address', 'details'),
    at: 'at_ms',
    ...place,
  },
});

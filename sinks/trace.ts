import { defineSink, type Sink } from '../lib/sink.ts';
import type { Topic } from '../lib/topic.ts';
import { topics } from '../schemas/topics.ts';

/** One row for each step of a record, and one for its landing: every topic whose records end in a table is traced. */
function traceOf(input: Topic<never>, organization: string, table: string): Sink {
  const landing = `(concat('sink:', '${table}'), 1, '${input.name}', _partition, _offset, now64(3, 'UTC'))`;
  return defineSink({
    name: `trace_${table}`,
    input,
    table: 'trace',
    replacing: true,
    columns: {
      organization_id: organization,
      source: 'lineage.source',
      sequence: 'lineage.sequence',
      stage: 'hop.1',
      version: 'hop.2',
      topic: 'hop.3',
      partition: 'hop.4',
      offset: 'hop.5',
      at: 'hop.6',
    },
    tail: `ARRAY JOIN arrayConcat(arrayMap(h -> (h.stage, h.version, h.topic, h.partition, h.offset, h.at_ms), lineage.hops), [${landing}]) AS hop`,
  });
}

export const trace: readonly Sink[] = [
  traceOf(topics.emailEnriched as Topic<never>, 'email.owner.organization_id', 'messages'),
  traceOf(topics.interaction as Topic<never>, 'owner.organization_id', 'interactions'),
  traceOf(topics.customerUpdated as Topic<never>, 'owner.organization_id', 'customers'),
  traceOf(topics.duplicate as Topic<never>, 'owner.organization_id', 'duplicates'),
  traceOf(topics.deadLetter as Topic<never>, 'owner.organization_id', 'dead_letters'),
];

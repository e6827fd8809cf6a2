/**
 * The job of the benchmark: decode an event, score its text by a lexicon, add to its person's totals, write both out. The
 * same in bench/peers, for Kafka Streams.
 */
import type { AvroRecord } from '../../lib/avro.ts';
import { defineProcessor, type Processor } from '../../lib/processor.ts';
import { defineTopic, type Topic } from '../../lib/topic.ts';
import type { Lexicon } from './lexicon.ts';

export interface Event {
  event_id: string;
  person: string;
  at_ms: number;
  kind: string;
  amount: number;
  text: string;
}
export interface Totals {
  count: number;
  total: number;
}
export interface Scored {
  event_id: string;
  person: string;
  at_ms: number;
  score: number;
  count: number;
  total: number;
}

const record = (name: string, fields: Record<string, 'string' | 'long' | 'double'>): AvroRecord => ({
  type: 'record',
  name,
  namespace: 'millrace.bench',
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
});
const eventSchema = record('Event', {
  event_id: 'string',
  person: 'string',
  at_ms: 'long',
  kind: 'string',
  amount: 'double',
  text: 'string',
});
const totalsSchema = record('Totals', { count: 'long', total: 'long' });
const scoredSchema = record('Scored', {
  event_id: 'string',
  person: 'string',
  at_ms: 'long',
  score: 'long',
  count: 'long',
  total: 'long',
});

export const eventTopic = (name: string): Topic<Event> =>
  defineTopic<Event>({ name, schema: eventSchema, partitions: 'many', key: ({ person }) => person });
export const scoredTopic = (name: string): Topic<Scored> =>
  defineTopic<Scored>({ name, schema: scoredSchema, partitions: 'many', key: ({ person }) => person });

/** `name` is the group's too: each run has one of its own. */
export function scoring(name: string, input: string, output: string, lexicon: Lexicon): Processor {
  return defineProcessor<{ event: Topic<Event> }, Totals, { scored: Topic<Scored> }>({
    name,
    version: 1,
    inputs: { event: eventTopic(input) },
    state: totalsSchema,
    outputs: { scored: scoredTopic(output) },
    on: {
      event({ event_id, person, at_ms, text }, before) {
        const score = lexicon.score(text);
        const state = { count: (before?.count ?? 0) + 1, total: (before?.total ?? 0) + score };
        return { state, emit: { scored: { event_id, person, at_ms, score, ...state } } };
      },
    },
  });
}

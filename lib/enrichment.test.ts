import { describe, expect, it } from 'vitest';
import { defineEnrichment } from './enrichment.ts';
import { MillraceError } from './errors.ts';
import { drive } from './test-driver.ts';
import { defineTopic } from './topic.ts';

interface Note {
  id: string;
  text: string;
}
interface Length {
  chars: number;
  failure: string;
}
interface Measured extends Length {
  id: string;
}
const string = (name: string) => ({ name, type: 'string' }) as const;
const long = (name: string) => ({ name, type: 'long' }) as const;
const notes = defineTopic<Note>({
  name: 'notes',
  schema: { type: 'record', name: 'Note', fields: [string('id'), string('text')] },
  partitions: 'many',
  key: ({ id }) => id,
});
const measured = defineTopic<Measured>({
  name: 'measured',
  schema: { type: 'record', name: 'Measured', fields: [string('id'), long('chars'), string('failure')] },
  partitions: 'many',
  key: ({ id }) => id,
});
const day_ms = 24 * 60 * 60 * 1000;

const definition = {
  name: 'measure',
  version: 1,
  input: notes,
  output: measured,
  answer: { type: 'record', name: 'Length', fields: [long('chars'), string('failure')] },
  kept_ms: 30 * day_ms,
  in_flight_max: 2,
  timeout_ms: 1_000,
  ask: async () => ({ chars: -1, failure: 'the test was to name somebody else' }),
  failed: (_: Note, error: unknown): Length => ({
    chars: 0,
    failure: error instanceof MillraceError ? error.code : 'error',
  }),
  emit: ({ id }: Note, answer: Length): Measured => ({ id, ...answer }),
} as const;
const measure = defineEnrichment<Note, Length, Measured>(definition);

describe('an enrichment', () => {
  function setUp() {
    const asked: string[] = [];
    const driver = drive(
      [measure],
      new Map([
        [
          measure,
          record => {
            const { id, text } = record as Note;
            asked.push(id);
            if (text === 'late') throw new MillraceError('timeout', 'no answer');
            return { chars: text.length, failure: '' };
          },
        ],
      ]),
    );
    return { asked, ...driver };
  }

  it('asks about a key once, and answers a replay as before', () => {
    const { feed, read, asked } = setUp();
    feed(notes, { id: 'a', text: 'four' });
    feed(notes, { id: 'a', text: 'longer by now' });
    expect(read(measured)).toEqual([
      { id: 'a', chars: 4, failure: '' },
      { id: 'a', chars: 4, failure: '' },
    ]);
    expect(asked).toEqual(['a']);
  });

  it('keeps a failure as it keeps an answer', () => {
    const { feed, read, asked } = setUp();
    feed(notes, { id: 'a', text: 'late' });
    feed(notes, { id: 'a', text: 'in time' });
    expect(read(measured).map(({ failure }) => failure)).toEqual(['timeout', 'timeout']);
    expect(asked).toEqual(['a']);
  });

  it('forgets an answer when records tell that its time is over, and not before', () => {
    const { feed, state, asked } = setUp();
    feed(notes, { id: 'a', text: 'x' }, day_ms);
    feed(notes, { id: 'b', text: 'x' }, 30 * day_ms);
    expect(state(measure, 'a')).not.toBeNull();
    feed(notes, { id: 'c', text: 'x' }, 31 * day_ms);
    expect(state(measure, 'a')).toBeNull();
    expect(state(measure, 'b')).not.toBeNull();
    // A replay tells old times: they bring nothing back and forget nothing more.
    feed(notes, { id: 'b', text: 'x' }, day_ms);
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  it('refuses a time-out that a batch has no room for', () => {
    expect(() => defineEnrichment<Note, Length, Measured>({ ...definition, timeout_ms: 60_001 })).toThrow('time-out');
  });

  it('is not driven without somebody to ask', () => {
    expect(() => drive([measure]).feed(notes, { id: 'a', text: '' })).toThrow('nobody was named');
  });
});

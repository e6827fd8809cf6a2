import { describe, expect, it } from 'vitest';
import { defineProcessor } from './processor.ts';
import { drive } from './test-driver.ts';
import { defineTopic } from './topic.ts';

interface Word {
  word: string;
  at_ms: number;
}
interface Count {
  word: string;
  count: number;
}
const field = (name: string, type: 'string' | 'long') => ({ name, type });
const words = defineTopic<Word>({
  name: 'words',
  schema: { type: 'record', name: 'Word', fields: [field('word', 'string'), field('at_ms', 'long')] },
  partitions: 'many',
  key: ({ word }) => word,
});
const counts = defineTopic<Count>({
  name: 'counts',
  schema: { type: 'record', name: 'Count', fields: [field('word', 'string'), field('count', 'long')] },
  partitions: 'many',
  key: ({ word }) => word,
});
const loud = defineTopic<Count>({ ...counts, name: 'loud' });

const counting = defineProcessor<{ word: typeof words }, Count, { count: typeof counts }>({
  name: 'counting',
  version: 1,
  inputs: { word: words },
  state: counts.schema,
  outputs: { count: counts },
  clock: ({ word, at_ms }) => (word === '' ? at_ms : null),
  timer: {
    due_ms: ({ count }) => count * 1000,
    fire: state => ({ state: null, emit: { count: { ...state, count: -state.count } } }),
  },
  on: {
    word({ word }, before) {
      if (word === 'bad') return { reject: { cause: 'bad', message: 'no word' } };
      const state = { word, count: (before?.count ?? 0) + 1 };
      return { state, emit: { count: state } };
    },
  },
});
const shouting = defineProcessor<{ count: typeof counts }, never, { loud: typeof loud }>({
  name: 'shouting',
  version: 1,
  inputs: { count: counts },
  outputs: { loud },
  on: { count: ({ word, count }) => ({ emit: { loud: { word: word.toUpperCase(), count } } }) },
});

describe('drive', () => {
  const said = (word: string, at_ms = 0): Word => ({ word, at_ms });

  it('keeps state by key, and hands what one processor writes to the next', () => {
    const driver = drive([counting, shouting]);
    for (const word of ['a', 'b', 'a']) driver.feed(words, said(word));
    expect(driver.read(counts).map(({ word, count }) => [word, count])).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 2],
    ]);
    expect(driver.read(loud).at(-1)).toEqual({ word: 'A', count: 2 });
    expect(driver.state(counting, 'a')).toEqual({ word: 'a', count: 2 });
    expect(driver.state(counting, 'c')).toBeNull();
  });

  it('wakes the keys that are due when a record tells the time', () => {
    const driver = drive([counting]);
    for (const word of ['a', 'a', 'b']) driver.feed(words, said(word));
    driver.feed(words, said('', 1500));
    expect(driver.read(counts).at(-1)).toEqual({ word: 'b', count: -1 });
    expect(driver.state(counting, 'b')).toBeNull();
    expect(driver.state(counting, 'a')).not.toBeNull();
  });

  it('collects what is rejected, and refuses what its topic cannot carry', () => {
    const driver = drive([counting]);
    driver.feed(words, said('bad'));
    expect(driver.rejected).toEqual([{ cause: 'bad', message: 'no word' }]);
    expect(() => driver.feed(words, { word: 1 } as unknown as Word)).toThrow('invalid');
  });
});

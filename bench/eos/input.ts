/** The benchmark's records, from a seed: what was written can be computed again, and so can what must come out. */
import { createRandom } from '../random.ts';
import { Lexicon } from './lexicon.ts';
import type { Event, Totals } from './topology.ts';

/** What is in an input: the first `persons` events are of different persons, so that after them all are known. */
export interface InputSize {
  readonly records: number;
  readonly persons: number;
}

export const usual_persons = 10_000;
const words_a_text = 62;
const vocabulary_words = 2_000;
const scored_words = 400;

/** Made-up words of 2 to 9 letters, every fifth of them with a score from -4 to 4. */
export function vocabulary(): { words: string[]; lexicon: Map<string, number> } {
  const random = createRandom(1);
  const words = new Set<string>();
  while (words.size < vocabulary_words) {
    words.add(Array.from({ length: random.int(2, 9) }, () => String.fromCharCode(random.int(97, 122))).join(''));
  }
  const list = [...words];
  return { words: list, lexicon: new Map(list.slice(0, scored_words).map(word => [word, random.int(-4, 4)])) };
}

/** The same events for the same seed. */
export function* events({ records, persons }: InputSize, seed: number): Generator<Event> {
  const random = createRandom(seed);
  const { words } = vocabulary();
  // Texts are few and repeat: making one costs more than everything that is measured.
  const texts = Array.from({ length: 500 }, () => random.several(words, words_a_text, words_a_text).join(' '));
  for (let i = 0; i < records; i++) {
    yield {
      event_id: `event-${seed}-${String(i).padStart(9, '0')}`,
      person: `person-${i < persons ? i : random.int(0, persons - 1)}`,
      at_ms: 1_700_000_000_000 + i,
      kind: random.pick(['opened', 'clicked', 'replied']),
      amount: random.int(0, 100_000) / 100,
      text: random.pick(texts),
    };
  }
}

/** What each person's totals must be in the end. */
export function expectedTotals(size: InputSize, seed: number): Map<string, Totals> {
  const lexicon = new Lexicon(vocabulary().lexicon);
  const totals = new Map<string, Totals>();
  for (const { person, text } of events(size, seed)) {
    const before = totals.get(person) ?? { count: 0, total: 0 };
    totals.set(person, { count: before.count + 1, total: before.total + lexicon.score(text) });
  }
  return totals;
}

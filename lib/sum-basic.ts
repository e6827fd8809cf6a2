/** Which sentences of a text say most of what it is about: SumBasic (Nenkova & Vanderwende 2005), with what else speaks for a sentence. */

export interface Sentence {
  readonly text: string;
  /** Its words that say something, each once: as text or as hashes. */
  readonly words: readonly (string | number)[];
  /** What speaks for it besides its words; 1 is as much as all the words that are said most often. */
  readonly merit: number;
}

/** Shorter sentences are not better for it. */
const few_words = 4;

/**
 * The best by their words' frequency and their merit, one after the other; words already said count less then. In the order given,
 * and with a space between them not longer than `chars_max`. The passes over the sentences are at most as many as are chosen.
 */
export function mostTelling<T extends Sentence>(sentences: readonly T[], count_max: number, chars_max: number): T[] {
  const counts = new Map<string | number, number>();
  let total = 0;
  for (const { words } of sentences) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const count of counts.values()) total = Math.max(total, count);
  const chosen = new Set<T>();
  let left = chars_max;
  while (chosen.size < count_max) {
    let next: T | undefined;
    let highest = Number.NEGATIVE_INFINITY;
    for (const sentence of sentences) {
      if (chosen.has(sentence) || sentence.text.length >= left) continue;
      const score = sentence.merit + weightOf(sentence.words, counts, total);
      if (score > highest) [highest, next] = [score, sentence];
    }
    if (next === undefined) break;
    chosen.add(next);
    left -= next.text.length + 1;
    for (const word of next.words) counts.set(word, counts.get(word)! / 2);
  }
  return sentences.filter(sentence => chosen.has(sentence));
}

function weightOf(words: Sentence['words'], counts: ReadonlyMap<string | number, number>, total: number): number {
  if (words.length === 0) return 0;
  let sum = 0;
  for (const word of words) sum += counts.get(word)!;
  return sum / (Math.max(words.length, few_words) ** 0.75 * total);
}

/** How many names are found: exact spans of any type, and how many of those found have the right type. */
import type { Tagger } from '../../processors/entities/tagger.ts';
import { Tokens } from '../../processors/text/tokens.ts';
import type { Figure } from '../figure.ts';
import type { AnnotatedText } from './corpus.ts';
import { typeOf } from './types.ts';

/** Sums over the folds; `fold` gives the tagger of one and the texts that it was not trained on. */
export function spanFigures(
  data: string,
  folds: number,
  fold: (at: number) => { tagger: Tagger; texts: readonly AnnotatedText[] },
): Figure[] {
  const tokens = new Tokens();
  let [actual, predicted, hits, typed] = [0, 0, 0, 0];
  for (let at = 0; at < folds; at++) {
    const { tagger, texts } = fold(at);
    for (const { text, spans } of texts) {
      const types = new Map(spans.map(({ start, end, type }) => [`${start} ${end}`, typeOf(type)]));
      const names = tagger.names(tokens.read(text));
      const right = names.filter(({ start, end }) => types.has(`${start} ${end}`));
      actual += types.size;
      predicted += names.length;
      hits += right.length;
      typed += right.filter(({ start, end, type }) => types.get(`${start} ${end}`) === type).length;
    }
  }
  const f1 = (2 * hits) / (actual + predicted);
  return [
    { what: 'names, any type, exact span', data, measure: 'F1', value: f1, examples: actual },
    { what: 'type of the names found', data, measure: 'share', value: typed / hits, examples: hits },
  ];
}

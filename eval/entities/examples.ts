/** Annotated texts as the trainers read them. */
import type { CrfData } from '../../lib/crf-train.ts';
import { FeatureBag } from '../../lib/linear.ts';
import { Examples } from '../../lib/linear-train.ts';
import { Attributes, feature_bits, features_max, featuresOf } from '../../processors/entities/features.ts';
import { span_feature_bits, span_features_max, spanFeatures } from '../../processors/entities/span-features.ts';
import { around, blocks, labels, own_block } from '../../processors/entities/tagger.ts';
import type { Words } from '../../processors/entities/words.ts';
import { Tokens } from '../../processors/text/tokens.ts';
import type { AnnotatedText, Span } from './corpus.ts';
import type { Vectors } from './vectors.ts';

/** For the field: where names begin and end. The rows of `words` that are not among the vectors' have none. */
export function crfData(texts: readonly AnnotatedText[], words: Words, vectors: Vectors): CrfData {
  const tokens = new Tokens();
  const attributes = new Attributes(words);
  const indices = new Int32Array(features_max);
  const known = vectors.hashes.length;
  const sequences = [0];
  const gold: number[] = [];
  const starts = [0];
  const features: number[] = [];
  const rows: number[] = [];
  const block_of: number[] = [];
  for (const { text, spans } of texts) {
    attributes.read(tokens.read(text));
    gold.push(...labelsOf(tokens, spans));
    sequences.push(gold.length);
    for (let token = 0; token < tokens.count; token++) {
      const count = featuresOf(attributes, token, indices);
      for (let at = 0; at < count; at++) features.push(indices[at]!);
      starts.push(features.length);
      const own = { offset: 0, block: own_block + attributes.case[token + 2]! };
      for (const { offset, block } of [...around, own]) {
        const row = attributes.row[token + 2 + offset]!;
        rows.push(row < known ? row : -1);
        block_of.push(block);
      }
    }
  }
  return {
    labels,
    sequences,
    gold: Uint8Array.from(gold),
    starts: Int32Array.from(starts),
    features: Int32Array.from(features),
    features_max: 1 << feature_bits,
    slots: around.length + 1,
    rows: Int32Array.from(rows),
    blocks: Uint8Array.from(block_of),
    blocks_max: blocks,
    vectors: vectors.values,
    dimensions: vectors.dimensions,
  };
}

function labelsOf(tokens: Tokens, spans: readonly Span[]): number[] {
  let at = 0;
  return Array.from({ length: tokens.count }, (_, token) => {
    const start = tokens.start[token]!;
    while (at < spans.length && spans[at]!.end <= start) at++;
    const span = spans[at];
    if (span === undefined || start < span.start) return 0;
    return token > 0 && tokens.start[token - 1]! >= span.start ? 2 : 1;
  });
}

/** For the linear model of the kinds: each name, its label the place of its type in `types`. */
export function kindExamples(
  texts: readonly AnnotatedText[],
  words: Words,
  types: readonly string[],
  typeOf: (type: string) => string,
): Examples {
  const tokens = new Tokens();
  const attributes = new Attributes(words);
  const bag = new FeatureBag(1 << span_feature_bits, span_features_max);
  const examples = new Examples();
  for (const { text, spans } of texts) {
    attributes.read(tokens.read(text));
    for (const span of spans) {
      const inside = Array.from({ length: tokens.count }, (_, token) => token).filter(
        token => tokens.start[token]! >= span.start && tokens.start[token]! < span.end,
      );
      if (inside.length === 0) continue;
      spanFeatures(attributes, inside[0]!, inside.at(-1)! + 1, bag);
      examples.add(bag, types.indexOf(typeOf(span.type)));
    }
  }
  return examples;
}

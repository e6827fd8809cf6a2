/** Measures the tagger that ships on texts that it was not trained on. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Tagger } from '../../processors/entities/tagger.ts';
import { modelNamed } from '../../processors/models.ts';
import type { Figure } from '../figure.ts';
import { readConll } from './corpus.ts';
import { spanFigures } from './measure.ts';

const file = 'emerging.dev.conll';

export async function* entities(data: string): AsyncGenerator<Figure> {
  const path = join(data, 'ner', file);
  if (!existsSync(path)) return;
  const tagger = new Tagger(modelNamed('entities'));
  const texts = readConll(path);
  yield* spanFigures(file, 1, () => ({ tagger, texts }));
}

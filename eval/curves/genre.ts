/** Genres of mails by the number of mails taught. */
import { join } from 'node:path';
import { filesIn, readCategorised } from '../corpora.ts';
import { shuffled } from '../draws.ts';
import { outOfFold, readGenres, trainGenres } from '../mail/genre.ts';
import { macroF1 } from '../measures.ts';
import { type Curve, pointOf, taught_shares } from './curve.ts';
import type { CurveRun } from './run.ts';

const draws = 3;

/** Each draw parts the mails into other folds; what is told of all of them, each out of its fold, is one value. */
export async function* genreCurves({ data, say }: CurveRun): AsyncGenerator<Curve> {
  for (const file of filesIn(join(data, 'mail'), '.tar.gz')) {
    const examples = readGenres(await readCategorised(join(data, 'mail', file)));
    if (examples.length === 0) continue;
    say(`genres of ${file}`);
    const rows = examples.labels.map((_, at) => at);
    const points = taught_shares.map(share => {
      const taught = Math.floor(share * rows.length);
      const f1Of = (_: unknown, draw: number): number =>
        macroF1(
          outOfFold(examples, shuffled(rows, draw + 1), inside => trainGenres(examples, inside.slice(0, taught))),
        );
      return pointOf(taught, Array.from({ length: draws }, f1Of));
    });
    yield { what: 'genre of a mail, six ways', data: file, measure: 'macro-F1', points };
  }
}

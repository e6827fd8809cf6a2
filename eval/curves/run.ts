/** Learning curves on labelled data: `millrace eval --data DIR --curves`. */
import type { Curve } from './curve.ts';
import { genreCurves } from './genre.ts';
import { leadCurves } from './leads.ts';
import { sentimentCurves } from './sentiment.ts';

export interface CurveRun {
  /** The folder of labelled data. */
  readonly data: string;
  /** Vectors of words for the sentiment model, as `millrace train` takes them. */
  readonly vectors?: string;
  /** Tells how far it is. */
  readonly say: (line: string) => void;
}

/** Every curve that the data allows; what is missing is left out. */
export async function* curves(run: CurveRun): AsyncGenerator<Curve> {
  for (const part of [genreCurves, leadCurves, sentimentCurves]) yield* part(run);
}

/** Measures the models on labelled data: `millrace eval --data DIR`. See README.md for what DIR holds. */
import { entities } from './entities/run.ts';
import type { Figure } from './figure.ts';
import { leadFigures } from './leads/figures.ts';
import { mailFigures } from './mail/figures.ts';
import { mime } from './mime.ts';
import { sentimentFigures } from './sentiment/figures.ts';

/** Every figure that the data allows; what is missing is left out. */
export async function* measure(data: string): AsyncGenerator<Figure> {
  for (const part of [sentimentFigures, mailFigures, entities, mime, leadFigures]) yield* part(data);
}

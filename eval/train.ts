/** Trains a model that ships: `millrace train NAME --data DIR`. What DIR holds says README.md. */
import { mkdirSync } from 'node:fs';
import { MillraceError } from '../lib/errors.ts';
import { type Model, saveModel } from '../lib/model-file.ts';
import { models_folder } from '../processors/models.ts';
import type { Figure } from './figure.ts';

export interface TrainingRun {
  /** The folder of labelled data. */
  readonly data: string;
  /** Vectors of words, as a file; a model that can use them does without where there are none. */
  readonly vectors?: string;
  /** No cross-validation, so no figures; what is calibrated by it is then calibrated on training rows. */
  readonly quick?: boolean;
  /** Tells how far it is. */
  readonly say: (line: string) => void;
}

/** Trains on everything, and measures by cross-validation, never on rows that a measured model was trained on. The same data gives the same bytes. */
export type Trainer = (run: TrainingRun) => Promise<{ readonly model: Model; readonly figures: readonly Figure[] }>;

/** One line a model. */
export const trainers: Readonly<Record<string, () => Promise<Trainer>>> = {
  sentiment: async () => (await import('./sentiment/train.ts')).sentiment,
  asks: async () => (await import('./mail/asks.ts')).trainAsks,
  spam: async () => (await import('./mail/spam.ts')).trainSpam,
  entities: async () => (await import('./entities/train.ts')).trainEntities,
};

/** Trains the model of that name and writes it to `out`; returns its version. */
export async function train(
  name: string,
  run: TrainingRun,
  out = models_folder,
): Promise<{ version: string; figures: readonly Figure[] }> {
  const load = trainers[name];
  if (load === undefined) {
    throw new MillraceError('usage', `no model "${name}"`, { remedy: `one of: ${Object.keys(trainers).join(', ')}` });
  }
  const trainer = await load();
  const { model, figures } = await trainer(run);
  mkdirSync(out, { recursive: true });
  return { version: saveModel(out, model), figures };
}

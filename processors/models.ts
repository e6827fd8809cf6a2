/** The models that ship with the package. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadedModel, loadModel } from '../lib/model-file.ts';

// Compiled, this file is dist/processors/models.js, and the models stay where they are in the source.
const source = join(import.meta.dirname, 'models');
export const models_folder = existsSync(source)
  ? source
  : join(import.meta.dirname, '..', '..', 'processors', 'models');

/** Throws where the file is not the one that was shipped. */
export function shippedModel(name: string): LoadedModel {
  return loadModel(models_folder, name);
}

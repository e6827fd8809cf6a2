/** The models that read mails: those that ship with the package, and in their place those that were published here. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasModel, type LoadedModel, loadModel } from '../lib/model-file.ts';

// Compiled, this file is dist/processors/models.js, and the models stay where they are in the source.
const source = join(import.meta.dirname, 'models');
export const models_folder = existsSync(source)
  ? source
  : join(import.meta.dirname, '..', '..', 'processors', 'models');

let published_folder: string | null = null;

/** From now on a model of this folder comes before the shipped one of its name. Called before the first is asked for; a folder that is not there has none. */
export function useModels(folder: string): void {
  published_folder = folder;
}

/** Throws where the file is not the one that its manifest names. */
export function modelNamed(name: string): LoadedModel {
  const folder = published_folder !== null && hasModel(published_folder, name) ? published_folder : models_folder;
  return loadModel(folder, name);
}

export interface ModelOnDemand<M> {
  readonly name: string;
  readonly version: string;
  loaded(): M;
}

/** A model that is read when it is first asked for, so that whoever starts the process may have chosen where from. */
export function modelOnDemand<M>(name: string, make: (file: LoadedModel) => M): ModelOnDemand<M> {
  let present: { readonly model: M; readonly version: string } | null = null;
  const load = () => {
    if (present === null) {
      const file = modelNamed(name);
      present = { model: make(file), version: file.version };
    }
    return present;
  };
  return {
    name,
    get version() {
      return load().version;
    },
    loaded: () => load().model,
  };
}

/**
 * A text-classification model from a folder as the Hugging Face hub lays it out: `config.json` with `id2label`, `tokenizer.json`,
 * `tokenizer_config.json` and `onnx/model.onnx`. Its runtime, @huggingface/transformers with onnxruntime, is no dependency: it is
 * half a gigabyte, and is loaded here and nowhere else, where a model is configured. Nothing is fetched from anywhere.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { MillraceError, messageOf } from './errors.ts';

export interface OnnxModelOptions {
  readonly folder: string;
  /** `cuda` needs Linux on x64, an Nvidia GPU and its libraries. */
  readonly device: 'cpu' | 'cuda';
  /** Which file of the folder: `onnx/model.onnx`, `model_fp16.onnx`, `model_quantized.onnx` or `model_q4.onnx`. */
  readonly dtype: 'fp32' | 'fp16' | 'q8' | 'q4';
  /** The folder in which the package is installed; without it, where Node finds it from here. */
  readonly runtime: string | undefined;
}

export interface OnnxModel {
  /** The model's own, in its order. */
  readonly labels: readonly string[];
  /** Of each text the probability of each label; texts are cut to what the model reads. */
  classify(texts: readonly string[]): Promise<Record<string, number>[]>;
}

/** The release that this is tested with; it runs on Node 20 and later. */
const package_name = '@huggingface/transformers';
const package_version = '4.3.1';
/** In a folder of its own: beside our packages npm would put those that are compiled back to what they were before. */
export const install_command = `npm install --prefix FOLDER --ignore-scripts ${package_name}@${package_version}`;

const suffixes = { fp32: '', fp16: '_fp16', q8: '_quantized', q4: '_q4' } as const;

export const modelFileOf = ({ folder, dtype }: Pick<OnnxModelOptions, 'folder' | 'dtype'>): string =>
  join(resolve(folder), 'onnx', `model${suffixes[dtype]}.onnx`);

/** What is used of the package. */
interface Transformers {
  readonly env: {
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    localModelPath: string;
    useFSCache: boolean;
    useBrowserCache: boolean;
  };
  pipeline(task: 'text-classification', model: string, options: object): Promise<Classifier>;
}
interface Classifier {
  (texts: string[], options: { top_k: number }): Promise<{ label: string; score: number }[][]>;
  readonly model: { readonly config: { readonly id2label?: Readonly<Record<string, string>> } };
}

/** Throws MillraceError: `model_runtime` where the package is missing, `model_folder` where the folder holds no such model. */
export async function loadOnnxModel(options: OnnxModelOptions): Promise<OnnxModel> {
  const folder = resolve(options.folder);
  for (const file of [modelFileOf(options), join(folder, 'config.json'), join(folder, 'tokenizer.json')]) {
    if (!existsSync(file)) throw new MillraceError('model_folder', `${file} is missing`);
  }
  const { env, pipeline } = loadRuntime(options.runtime);
  Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, useFSCache: false, useBrowserCache: false });
  env.localModelPath = dirname(folder);
  const { device, dtype } = options;
  const classifier = await pipeline('text-classification', basename(folder), {
    ...{ device, dtype, local_files_only: true },
  }).catch(error => {
    throw new MillraceError('model_folder', `${folder} cannot be loaded: ${messageOf(error)}`, { cause: error });
  });
  const labels = Object.values(classifier.model.config.id2label ?? {});
  if (labels.length === 0) throw new MillraceError('model_folder', `${folder}: config.json has no id2label`);
  return {
    labels,
    async classify(texts) {
      const answers = await classifier([...texts], { top_k: labels.length });
      return answers.map(answer => Object.fromEntries(answer.map(({ label, score }) => [label, score])));
    },
  };
}

function loadRuntime(folder: string | undefined): Transformers {
  try {
    const require = createRequire(folder === undefined ? import.meta.url : join(resolve(folder), 'package.json'));
    return require(package_name) as Transformers;
  } catch (error) {
    const [first] = messageOf(error).split('\n');
    const remedy = `${install_command}, and name the folder as models.runtime`;
    throw new MillraceError('model_runtime', `${package_name} cannot be loaded: ${first}`, { remedy, cause: error });
  }
}

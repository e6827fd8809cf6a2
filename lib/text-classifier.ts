/**
 * A large text classifier in a process of its own (onnx-process.ts). Texts that come while it computes go with its next call,
 * together: a batch costs little more than one of it. A process that is stuck or broken is ended, and started again for the next call.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MillraceError } from './errors.ts';
import { withResolvers } from './lifecycle.ts';
import { modelFileOf, type OnnxModelOptions } from './onnx-model.ts';
import type { OnnxReply, OnnxRequest } from './onnx-process.ts';

export interface TextClassifierOptions extends OnnxModelOptions {
  /** Texts a call. */
  readonly batch: number;
}

export interface TextClassifier {
  /** `onnx:` and the folder's name, and the first 8 hex digits of the model file's SHA-256. */
  readonly version: string;
  readonly labels: readonly string[];
  /** The probability of each label. Whose signal aborts before his turn is not computed. */
  classify(text: string, signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
  close(): void;
}

/** Loading some gigabytes takes its time. */
const load_ms_max = 120_000;
const call_ms_max = 60_000;
const hash_chars = 8;

// A process runs compiled code alone, which from the source is where it is built.
const beside = join(import.meta.dirname, 'onnx-process.js');
const script = existsSync(beside) ? beside : join(import.meta.dirname, '..', 'dist', 'lib', 'onnx-process.js');

interface Waiting {
  readonly text: string;
  readonly signal: AbortSignal;
  resolve(scores: Record<string, number>): void;
  reject(error: unknown): void;
}

/** Loads the model. Throws MillraceError `model_runtime` or `model_folder`, with the remedy. */
export async function openTextClassifier(options: TextClassifierOptions): Promise<TextClassifier> {
  const file = modelFileOf(options);
  if (!existsSync(file)) throw new MillraceError('model_folder', `${file} is missing`);
  const version = `onnx:${basename(resolve(options.folder))}.${(await hashOf(file)).slice(0, hash_chars)}`;
  const { batch: _, ...model } = options;
  const load: OnnxRequest = { load: model };

  let child: ChildProcess | null = null;
  let waiting: Waiting[] = [];
  let busy = false;

  /** The process, with the model loaded. */
  async function ready(): Promise<{ child: ChildProcess; labels: readonly string[] | null }> {
    if (child?.connected && !child.killed) return { child, labels: null };
    child = start();
    try {
      const reply = await ask(child, load, load_ms_max);
      if (!('labels' in reply)) throw new Error('the model process answered something else');
      return { child, labels: reply.labels };
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  async function run(): Promise<void> {
    if (busy) return;
    busy = true;
    // Whoever asks in the same turn goes along.
    await new Promise(setImmediate);
    for (let batch = next(); batch.length > 0; batch = next()) {
      try {
        const present = await ready();
        const reply = await ask(present.child, { texts: batch.map(({ text }) => text) }, call_ms_max);
        if (!('scores' in reply)) throw new Error('the model process answered something else');
        for (const [i, { resolve }] of batch.entries()) resolve(reply.scores[i] as Record<string, number>);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    busy = false;
  }

  function next(): Waiting[] {
    waiting = waiting.filter(({ signal }) => !signal.aborted);
    return waiting.splice(0, options.batch);
  }

  const { labels } = await ready();
  return {
    version,
    labels: labels ?? [],
    classify(text, signal) {
      const { promise, resolve, reject } = withResolvers<Record<string, number>>();
      waiting.push({ text, signal, resolve, reject });
      void run();
      return promise;
    },
    close: () => void child?.kill('SIGKILL'),
  };
}

function start(): ChildProcess {
  const { PATH = '', LD_LIBRARY_PATH = '' } = process.env;
  const child = fork(script, {
    // What the runtime says there it says to nobody; its errors come as answers.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    // Where libraries are found; this process's secrets are none of the package's business.
    env: { PATH, LD_LIBRARY_PATH },
  });
  // Whoever asks hears of it; with nobody asking there is nothing to do.
  child.on('error', () => undefined);
  return child;
}

/** One request, one reply; a process that does not answer in time, or ends, is no more. */
async function ask(child: ChildProcess, request: OnnxRequest, ms_max: number): Promise<OnnxReply> {
  const { promise, resolve, reject } = withResolvers<OnnxReply>();
  const gone = (): void => reject(new MillraceError('model_process', 'the process of the model ended'));
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    reject(new MillraceError('model_process', `the model did not answer within ${ms_max} ms`));
  }, ms_max);
  child
    .once('message', resolve as (message: unknown) => void)
    .once('exit', gone)
    .once('error', gone);
  try {
    if (child.connected) child.send(request);
    else gone();
    const reply = await promise;
    if (!('error' in reply)) return reply;
    const { code, message, remedy } = reply.error;
    throw new MillraceError(code, message, remedy === null ? {} : { remedy });
  } finally {
    clearTimeout(timer);
    child.off('message', resolve).off('exit', gone).off('error', gone);
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

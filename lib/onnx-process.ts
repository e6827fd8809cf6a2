/**
 * The process that a model runs in. A model is computed in one go that nothing can interrupt, and by native code: here it holds up
 * nobody but who waits for it, and can be ended.
 */
import { MillraceError, messageOf } from './errors.ts';
import { loadOnnxModel, type OnnxModel, type OnnxModelOptions } from './onnx-model.ts';

export type OnnxRequest = { readonly load: OnnxModelOptions } | { readonly texts: readonly string[] };
export type OnnxReply =
  | { readonly labels: readonly string[] }
  | { readonly scores: readonly Record<string, number>[] }
  | { readonly error: { readonly code: string; readonly message: string; readonly remedy: string | null } };

let model: OnnxModel | null = null;

async function answer(request: OnnxRequest): Promise<OnnxReply> {
  try {
    if ('load' in request) {
      model = await loadOnnxModel(request.load);
      return { labels: model.labels };
    }
    if (!model) throw new Error('no model is loaded');
    return { scores: await model.classify(request.texts) };
  } catch (error) {
    const { code, remedy } = error instanceof MillraceError ? error : { code: 'error', remedy: undefined };
    return { error: { code, message: messageOf(error), remedy: remedy ?? null } };
  }
}

process.on('message', async (request: OnnxRequest) => process.send?.(await answer(request)));
process.on('disconnect', () => process.exit(0));
// Whoever stops the whole group, as a terminal does, means the parent, which ends this one when it has no more use for it.
process.on('SIGINT', () => undefined);

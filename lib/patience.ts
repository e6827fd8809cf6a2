/**
 * Asking somebody who may be slow, wrong or away, with an end to each time and to how often it is tried in vain: after some failures
 * one behind the other nobody is asked for a while, and then one alone tries. Otherwise each record would wait for as long as it may.
 */
import { limited } from './asking.ts';
import { MillraceError } from './errors.ts';

export interface PatienceOptions<I, T> {
  readonly timeout_ms: number;
  ask(input: I, signal: AbortSignal): Promise<T>;
  /** Told of each reply: its outcome, `ok` or the failure, and how long it took. */
  onReply?(outcome: string, seconds: number): void;
}

/** `failure` is a MillraceError's code, `timeout` among them, or `error`; `resting` where nobody was asked. */
export type Reply<T> = { readonly value: T; readonly failure: '' } | { readonly value: null; readonly failure: string };

const failures_max = 5;
export const rest_ms = 30_000;

export function patient<I, T>({
  timeout_ms,
  ask,
  onReply,
}: PatienceOptions<I, T>): (input: I, signal: AbortSignal) => Promise<Reply<T>> {
  let failures = 0;
  let resting_until_ms = 0;

  async function tried(input: I, signal: AbortSignal): Promise<Reply<T>> {
    try {
      const value = await limited(timeout_ms, signal, inner => ask(input, inner));
      failures = 0;
      return { value, failure: '' };
    } catch (error) {
      failures++;
      if (failures >= failures_max) resting_until_ms = performance.now() + rest_ms;
      return { value: null, failure: error instanceof MillraceError ? error.code : 'error' };
    }
  }

  return async (input, signal) => {
    const began_ms = performance.now();
    const isResting = failures >= failures_max && began_ms < resting_until_ms;
    // Who tries after the rest keeps the others resting meanwhile.
    if (!isResting && failures >= failures_max) resting_until_ms = began_ms + rest_ms;
    const reply: Reply<T> = isResting ? { value: null, failure: 'resting' } : await tried(input, signal);
    onReply?.(reply.failure || 'ok', (performance.now() - began_ms) / 1000);
    return reply;
  };
}

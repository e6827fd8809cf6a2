/**
 * Many callers' requests in one: what is asked for within a few milliseconds goes out together, so that a request's own
 * cost is shared by all that came at that time. Who comes alone does not wait.
 */
import { withResolvers } from './lifecycle.ts';

export interface GatherOptions<T, R> {
  /** After a call, what comes within so long goes with the next one. */
  readonly ms: number;
  /** A call with as many, or with as many bytes, does not wait for more. */
  readonly items_max: number;
  readonly bytes_max: number;
  bytesOf(item: T): number;
  /** Answers each item in its place. What it throws, each of them gets. */
  call(items: readonly T[]): Promise<readonly R[]>;
}

interface Gathered<T, R> {
  readonly item: T;
  resolve(answer: R): void;
  reject(error: unknown): void;
}

export function gather<T, R>({
  ms,
  items_max,
  bytes_max,
  bytesOf,
  call,
}: GatherOptions<T, R>): (item: T) => Promise<R> {
  let gathered: Gathered<T, R>[] = [];
  let bytes = 0;
  let resting = false;

  function send(): void {
    const going = gathered;
    gathered = [];
    bytes = 0;
    if (!resting) rest();
    call(going.map(({ item }) => item)).then(
      answers => {
        for (const [i, { resolve }] of going.entries()) resolve(answers[i] as R);
      },
      error => {
        for (const { reject } of going) reject(error);
      },
    );
  }

  function rest(): void {
    resting = true;
    setTimeout(() => {
      resting = false;
      if (gathered.length > 0) send();
    }, ms);
  }

  return item => {
    const size = bytesOf(item);
    if (gathered.length > 0 && bytes + size > bytes_max) send();
    const { promise, resolve, reject } = withResolvers<R>();
    gathered.push({ item, resolve, reject });
    bytes += size;
    if (!resting || gathered.length >= items_max) send();
    return promise;
  };
}

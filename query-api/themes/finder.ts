/** Themes worked out in a thread of their own: of 2,000 texts they take most of a second, in which nobody else would be answered. */
import { Tinypool } from 'tinypool';
import { Problem } from '../../lib/http.ts';
import type { Text, Theme } from './themes.ts';
import type { ThemesTask } from './worker.ts';

export interface ThemeFinder {
  /**
   * As `themesOf` (themes.ts). Throws Problem 503 where too many are waiting already, or where it was not done within
   * `timeout_ms`; rejects when the caller is gone.
   */
  find(texts: readonly Text[], since_ms: number, gone: AbortSignal): Promise<Theme[]>;
  close(): Promise<void>;
}

export interface FinderLimits {
  /** Behind the one that is being worked out. */
  readonly waiting_max: number;
  /** From when it was asked for. */
  readonly timeout_ms: number;
}

const usual_limits: FinderLimits = { waiting_max: 8, timeout_ms: 30_000 };
const thread_heap_megabytes_max = 512;

/** The thread begins with the first question. */
export function createThemeFinder(
  worker = new URL('./worker.js', import.meta.url),
  { waiting_max, timeout_ms }: FinderLimits = usual_limits,
): ThemeFinder {
  let pool: Tinypool | null = null;
  let present = 0;

  return {
    async find(texts, since_ms, gone) {
      if (present > waiting_max) throw busy('too many ask for themes at once');
      const late = AbortSignal.timeout(timeout_ms);
      const task: ThemesTask = { texts, since_ms };
      pool ??= openPool(worker);
      present++;
      try {
        return (await pool.run(task, { signal: AbortSignal.any([gone, late]) })) as Theme[];
      } catch (error) {
        throw late.aborted && !gone.aborted ? busy('the themes were not worked out in time') : error;
      } finally {
        present--;
      }
    },
    async close() {
      await pool?.destroy();
    },
  };
}

const busy = (detail: string): Problem => new Problem(503, detail, { headers: { 'retry-after': '10' } });

/** One thread at least: it is replaced when a question in it is given up, or who waits behind that one would wait for ever. */
function openPool(worker: URL): Tinypool {
  return new Tinypool({
    filename: worker.href,
    minThreads: 1,
    maxThreads: 1,
    resourceLimits: { maxOldGenerationSizeMb: thread_heap_megabytes_max },
  });
}

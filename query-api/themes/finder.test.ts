import { afterEach, expect, it } from 'vitest';
import { createThemeFinder, type FinderLimits, type ThemeFinder } from './finder.ts';

/** Answers which thread it is in; busy for ever when it is given no text. */
const worker = new URL(
  `data:text/javascript,${encodeURIComponent(
    `import { threadId } from 'node:worker_threads';
    export default ({ texts }) => { while (texts.length === 0); return [threadId]; };`,
  )}`,
);
const text = { id: 'a', at_ms: 0, subject: 'a', words: '' };
const here = new AbortController().signal;

let finder: ThemeFinder;
function open(limits?: FinderLimits): ThemeFinder {
  finder = createThemeFinder(worker, limits);
  return finder;
}
afterEach(() => finder.close());

it('themes are worked out in another thread', async () => {
  const [thread] = (await open().find([text], 0, here)) as unknown as number[];
  expect(thread).toBeGreaterThan(0);
});

it('what takes too long ends with its thread, and another takes what waits', async () => {
  const { find } = open({ waiting_max: 8, timeout_ms: 1_500 });
  const endless = find([], 0, here);
  const gone = new AbortController();
  const left = find([text], 0, gone.signal);
  gone.abort();
  await expect(left).rejects.toThrow(/aborted/);
  await expect(endless).rejects.toMatchObject({ status: 503, message: expect.stringContaining('in time') });
  expect(await find([text], 0, here)).toHaveLength(1);
});

it('more than may wait are refused at once', async () => {
  const { find } = open({ waiting_max: 1, timeout_ms: 1_000 });
  const waiting = [find([], 0, here), find([], 0, here)];
  await expect(find([text], 0, here)).rejects.toMatchObject({
    status: 503,
    message: expect.stringContaining('at once'),
  });
  for (const one of waiting) await expect(one).rejects.toMatchObject({ status: 503 });
  expect(await find([text], 0, here)).toHaveLength(1);
});

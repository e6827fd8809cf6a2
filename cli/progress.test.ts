import { expect, it } from 'vitest';
import { createProgress } from './progress.ts';

function recorded(options: { isTTY: boolean; columns?: number; env?: Record<string, string> }) {
  const writes: string[] = [];
  let now = 0;
  const stream = { isTTY: options.isTTY, columns: options.columns ?? 80, write: (text: string) => writes.push(text) };
  const progress = createProgress({ stream, env: options.env ?? {}, now_ms: () => now });
  const at = (ms: number): void => {
    now = ms;
  };
  return { writes, progress, at };
}

it('redraws a terminal at most ten times a second, and clears its line at the end', () => {
  const { writes, progress, at } = recorded({ isTTY: true });
  for (let ms = 0; ms < 1000; ms += 10) {
    at(ms);
    progress.update({ text: 'read 1', fraction: 0.5 });
  }
  expect(writes).toHaveLength(10);
  progress.end();
  expect(writes.at(-1)).toBe('\r\u001b[2K');
});

it('writes plain lines elsewhere, five seconds apart, and none for what is quick', () => {
  const { writes, progress, at } = recorded({ isTTY: false });
  for (let ms = 0; ms <= 12_000; ms += 200) {
    at(ms);
    progress.update({ text: 'read 1', fraction: ms / 20_000 });
  }
  progress.end();
  expect(writes).toEqual(['25%  read 1  0:15 left\n', '50%  read 1  0:10 left\n']);
});

it('never wraps, and colours nothing where NO_COLOR is set', () => {
  const { writes, progress, at } = recorded({ isTTY: true, columns: 40, env: { NO_COLOR: '1' } });
  at(2000);
  progress.update({ text: 'x'.repeat(200), fraction: 0.25 });
  const [line = ''] = writes;
  expect(line.replace('\r\u001b[2K', '')).toHaveLength(39);
  expect(line).not.toContain('\u001b[3');
});

it('shows no bar where the whole is not known', () => {
  const { writes, progress } = recorded({ isTTY: true });
  progress.update({ text: 'read 7', fraction: null });
  expect(writes).toEqual(['\r\u001b[2Kread 7']);
});

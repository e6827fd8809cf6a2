import { expect, it } from 'vitest';
import { unifiedDiff } from './diff.ts';

const lines = (...all: string[]): string => all.join('\n');

it('shows nothing of what is the same', () => {
  expect(unifiedDiff('a\nb', 'a\nb')).toEqual([]);
});

it('shows a changed line between its neighbours', () => {
  const before = lines('1', '2', '3', '4', '5', '6', '7', '8', '9');
  expect(unifiedDiff(before, before.replace('5', 'five'))).toEqual([
    '@@ -2,7 +2,7 @@',
    ...[' 2', ' 3', ' 4', '-5', '+five', ' 6', ' 7', ' 8'],
  ]);
});

it('finds the shortest script', () => {
  // The example of Myers' paper: five edits.
  const steps = unifiedDiff(lines(...'ABCABBA'), lines(...'CBABAC'));
  expect(steps.filter(step => /^[-+]/.test(step))).toHaveLength(5);
});

it('counts an empty side from 0 and parts distant changes', () => {
  const before = Array.from({ length: 30 }, (_, i) => String(i));
  const after = ['new', ...before.slice(0, 20), 'twenty', ...before.slice(21)];
  const diff = unifiedDiff(before.join('\n'), after.join('\n'));
  expect(diff.filter(line => line.startsWith('@@'))).toEqual(['@@ -1,3 +1,4 @@', '@@ -18,7 +19,7 @@']);
});

it('can be applied, whatever the texts', () => {
  let state = 7;
  const random = (n: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % n;
  };
  const text = (): string => Array.from({ length: random(30) }, () => 'abcd'[random(4)]).join('\n');
  for (let round = 0; round < 300; round++) {
    const [before, after] = [text(), text()];
    const diff = unifiedDiff(before, after);
    if (before !== after) expect(applied(before.split('\n'), diff)).toEqual(after.split('\n'));
  }
});

function applied(before: readonly string[], diff: readonly string[]): string[] {
  const after: string[] = [];
  let at = 0;
  for (const line of diff) {
    const head = /^@@ -(\d+),(\d+) /.exec(line);
    if (head) {
      const from = Number(head[1]) - (head[2] === '0' ? 0 : 1);
      after.push(...before.slice(at, from));
      at = from;
    } else if (line.startsWith('+')) after.push(line.slice(1));
    else {
      expect(before[at]).toBe(line.slice(1));
      if (line.startsWith(' ')) after.push(line.slice(1));
      at++;
    }
  }
  return [...after, ...before.slice(at)];
}

it('shows texts that have nothing in common as replaced, at once', () => {
  const many = (what: string): string => Array.from({ length: 50_000 }, (_, i) => `${what}${i}`).join('\n');
  expect(unifiedDiff(many('a'), many('b'))).toHaveLength(100_001);
});

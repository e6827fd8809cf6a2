/** Two texts as a unified diff: the shortest script of removed and added lines (Myers 1986), with some lines around it. */

const context_lines = 3;
/** Looking for the shortest script takes memory with the square of its length; beyond this all is shown as replaced. */
const edits_max = 500;

interface Step {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

/** Its lines; none where the texts are the same. */
export function unifiedDiff(before: string, after: string): string[] {
  if (before === after) return [];
  const steps = stepsBetween(before.split('\n'), after.split('\n'));
  return hunksOf(steps).flatMap(({ from, to }) => [
    headOf(steps, from, to),
    ...steps.slice(from, to).map(({ sign, line }) => `${sign}${line}`),
  ]);
}

function stepsBetween(before: readonly string[], after: readonly string[]): Step[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return [
    ...signed(' ', before.slice(0, head)),
    ...script(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...signed(' ', before.slice(before.length - tail)),
  ];
}

const signed = (sign: Step['sign'], lines: readonly string[]): Step[] => lines.map(line => ({ sign, line }));

/** `reached` has, for each diagonal, how far along `before` the furthest script of so many edits comes. */
function script(before: readonly string[], after: readonly string[]): Step[] {
  const reached = new Map([[1, 0]]);
  const history: Map<number, number>[] = [];
  for (let edits = 0; edits <= Math.min(before.length + after.length, edits_max); edits++) {
    history.push(new Map(reached));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const came = cameFrom(reached, diagonal, edits);
      let at = (reached.get(came) ?? 0) + (came < diagonal ? 1 : 0);
      while (at < before.length && at - diagonal < after.length && before[at] === after[at - diagonal]) at++;
      reached.set(diagonal, at);
      if (at >= before.length && at - diagonal >= after.length) return traced(history, before, after);
    }
  }
  return [...signed('-', before), ...signed('+', after)];
}

function cameFrom(reached: ReadonlyMap<number, number>, diagonal: number, edits: number): number {
  const [below, above] = [reached.get(diagonal - 1) ?? 0, reached.get(diagonal + 1) ?? 0];
  return diagonal === -edits || (diagonal !== edits && below < above) ? diagonal + 1 : diagonal - 1;
}

function traced(
  history: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): Step[] {
  const steps: Step[] = [];
  let [x, y] = [before.length, after.length];
  for (let edits = history.length - 1; edits >= 0; edits--) {
    const reached = history[edits] as ReadonlyMap<number, number>;
    const came = cameFrom(reached, x - y, edits);
    const from_x = reached.get(came) ?? 0;
    const from_y = from_x - came;
    for (; x > from_x && y > from_y; x--, y--) steps.push({ sign: ' ', line: before[x - 1] as string });
    if (edits === 0) break;
    if (x > from_x) steps.push({ sign: '-', line: before[--x] as string });
    else steps.push({ sign: '+', line: after[--y] as string });
  }
  return steps.reverse();
}

/** Ranges of steps: what changed and the lines around it; neighbours that touch are one. */
function hunksOf(steps: readonly Step[]): { from: number; to: number }[] {
  const hunks: { from: number; to: number }[] = [];
  for (const [i, { sign }] of steps.entries()) {
    if (sign === ' ') continue;
    const [from, to] = [Math.max(0, i - context_lines), Math.min(steps.length, i + context_lines + 1)];
    const last = hunks.at(-1);
    if (last && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  }
  return hunks;
}

function headOf(steps: readonly Step[], from: number, to: number): string {
  const count = (of: readonly Step[], other: '+' | '-'): number => of.filter(({ sign }) => sign !== other).length;
  const [earlier, shown] = [steps.slice(0, from), steps.slice(from, to)];
  const range = (other: '+' | '-'): string => {
    const lines = count(shown, other);
    return `${count(earlier, other) + (lines > 0 ? 1 : 0)},${lines}`;
  };
  return `@@ -${range('+')} +${range('-')} @@`;
}

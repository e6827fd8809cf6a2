import { MillraceError } from '../../lib/errors.ts';
import type { Table } from './table.ts';

/** Values that mean the outcome happened, in lower case. */
const positives: ReadonlySet<string> = new Set([
  '1',
  'yes',
  'y',
  'true',
  't',
  'won',
  'converted',
  'churned',
  'positive',
]);
const named_max = 8;

/** The label's value that counts as positive. Throws MillraceError `usage` where the column does not say. */
export async function positiveOf(table: Table, label: number, stated: string | undefined): Promise<string> {
  const values = new Set<string>();
  let isThere = false;
  for await (const { cells } of table.rows()) {
    const value = cells?.[label]?.trim() ?? '';
    if (value === '') continue;
    if (values.size <= named_max) values.add(value);
    isThere ||= value === stated;
  }
  const name = JSON.stringify(table.columns[label]);
  if (stated !== undefined) {
    if (isThere) return stated;
    throw new MillraceError('usage', `${name} is never ${JSON.stringify(stated)}`, { remedy: `it is ${list(values)}` });
  }
  if (values.size < 2) throw new MillraceError('usage', `${name} is the same in every row: there is nothing to learn`);
  const known = [...values].filter(value => positives.has(value.toLowerCase()));
  if (values.size === 2 && known.length === 1) return known[0] as string;
  const remedy = `say with --positive which of its values is the one to predict: ${list(values)}`;
  const fault = values.size === 2 ? 'does not say which of its values is positive' : 'has more than two values';
  throw new MillraceError('usage', `${name} ${fault}`, { remedy });
}

function list(values: ReadonlySet<string>): string {
  const named = [...values].slice(0, named_max).map(value => JSON.stringify(value.slice(0, 40)));
  return values.size > named_max ? `${named.join(', ')}, …` : named.join(', ');
}

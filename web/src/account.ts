/** The reconciliation line: whether it adds up is worked out here again from the numbers that are shown. */
import { count, words } from './format.ts';
import type { Account, End, Reconciliation } from './model.ts';
import { ends } from './model.ts';

/** These stand in every line; the rare ends only where they happened. */
const always: ReadonlySet<End> = new Set<End>(['stored', 'duplicate', 'dead_letter', 'in_flight']);

export const end_meanings: Record<End, string> = {
  stored: 'ended as a row in ClickHouse',
  duplicate: 'had arrived before; the first one is stored',
  dead_letter: 'could not be processed; kept whole with the cause',
  filtered: 'left out by a rule of yours',
  erased: 'deleted on a person’s request',
  expired: 'past the retention time',
  in_flight: 'read from the source and on the way to ClickHouse',
};

export type Verdict = 'balanced' | 'settling' | 'unbalanced' | 'nothing';

export function verdict({ total, balanced, sources }: Reconciliation): Verdict {
  if (sources.length === 0) return 'nothing';
  if (!addsUp(total) || !balanced) return 'unbalanced';
  return total.in_flight > 0 ? 'settling' : 'balanced';
}

export function addsUp(account: Account): boolean {
  return account.read === shownEnds(account).reduce((sum, end) => sum + account[end], 0);
}

/** The ends that the line names for this account. An end that the API does not count is not shown, and not added. */
export function shownEnds(account: Account): End[] {
  return ends.filter(end => (always.has(end) ? Number.isFinite(account[end]) : account[end] > 0));
}

/** read 1,204 = stored 1,198 + duplicate 4 + dead letter 2 + in flight 0 */
export function accountLine(account: Account): string {
  const parts = shownEnds(account).map(end => `${words(end)} ${count(account[end])}`);
  return `read ${count(account.read)} = ${parts.join(' + ')}`;
}

/** One organisation's part, summed from its sources; undefined stands for all. */
export function forOrganization(whole: Reconciliation, organization_id: string | undefined): Reconciliation {
  if (organization_id === undefined) return whole;
  const sources = whole.sources.filter(source => source.organization_id === organization_id);
  const total = { read: 0, ...Object.fromEntries(ends.map(end => [end, 0])) } as Account;
  for (const source of sources) {
    total.read += source.read;
    for (const end of ends) total[end] += source[end];
  }
  return { balanced: sources.every(source => source.balanced), total, sources };
}

export function organizationsOf({ sources }: Reconciliation): string[] {
  return [...new Set(sources.map(source => source.organization_id))].filter(id => id !== '').sort();
}

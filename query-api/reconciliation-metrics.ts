/** Whether everything adds up, as numbers: of all sources together, so that no source or person becomes a series. */
import { askedOnScrape, Gauge, type Registry } from '../lib/metrics.ts';
import type { SourceAccount } from './queries/reconciliation.ts';
import { reconciliationOf } from './routes/reconciliation.ts';

const ask_interval_ms = 15_000;
const ask_ms_max = 5_000;

export function watchReconciliation(accounts: () => Promise<SourceAccount[]>, metrics: Registry): void {
  const registers = [metrics];
  const collect = askedOnScrape({
    interval_ms: ask_interval_ms,
    ms_max: ask_ms_max,
    async ask() {
      const found = await accounts();
      const { total, sources } = reconciliationOf(found);
      for (const [end, count] of Object.entries(total)) records.set({ end }, count);
      for (const end of ['repeated', 'unread'] as const) {
        records.set(
          { end },
          found.reduce((sum, account) => sum + account[end], 0),
        );
      }
      unbalanced.set(sources.filter(source => !source.balanced).length);
    },
    forget() {
      records.reset();
      unbalanced.remove();
    },
  });
  const records = new Gauge({
    name: 'millrace_reconciliation_records',
    help: 'Records that the sources read, and how they ended; repeated and unread are 0 unless something is wrong',
    labelNames: ['end'],
    registers,
    collect,
  });
  const unbalanced = new Gauge({
    name: 'millrace_reconciliation_unbalanced_sources',
    help: 'Sources that do not add up; one that was just read to its end does so once its last records have ended',
    registers,
    collect,
  });
}

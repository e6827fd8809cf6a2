/** What every stage tells of itself: a processor, the sink, ingestion. */
import { Counter, Gauge, type Registry } from './metrics.ts';

export interface StageMetrics {
  readonly records: Counter;
  readonly rejected: Counter;
  readonly transactions: Counter;
  readonly rebalances: Counter;
  readonly partitions: Gauge;
  readonly restore_seconds: Gauge;
  readonly keys: Gauge;
  /**
   * From now on, until the answer is called, the age of the producer's open transaction is told, as of the moment somebody
   * asks; of several producers of a stage the oldest.
   */
  watchTransaction(stage: string, producer: { began_at_ms(): number | null }): () => void;
}

const known = new WeakMap<Registry, StageMetrics>();

/** One set a registry, however many stages share it. */
export function stageMetrics(registry: Registry): StageMetrics {
  const present = known.get(registry);
  if (present) return present;
  const made = { ...countersOf(registry), ...gaugesOf(registry), watchTransaction: transactionWatch(registry) };
  known.set(registry, made);
  return made;
}

function countersOf(registry: Registry) {
  const registers = [registry];
  return {
    records: new Counter({
      name: 'millrace_records_processed_total',
      help: 'Records whose transaction was committed',
      labelNames: ['stage'],
      registers,
    }),
    rejected: new Counter({
      name: 'millrace_dead_letters_total',
      help: 'Records that became dead letters',
      labelNames: ['stage', 'cause'],
      registers,
    }),
    transactions: new Counter({
      name: 'millrace_transactions_total',
      help: 'Transactions by outcome',
      labelNames: ['stage', 'outcome'],
      registers,
    }),
    rebalances: new Counter({
      name: 'millrace_rebalances_total',
      help: 'Assignments of partitions',
      labelNames: ['stage'],
      registers,
    }),
  };
}

function gaugesOf(registry: Registry) {
  const registers = [registry];
  return {
    partitions: new Gauge({
      name: 'millrace_assigned_partitions',
      help: 'Partitions that this instance has; 0 while it stands by',
      labelNames: ['stage'],
      registers,
    }),
    restore_seconds: new Gauge({
      name: 'millrace_restore_seconds',
      help: 'How long the last restore of state took',
      labelNames: ['stage'],
      registers,
    }),
    keys: new Gauge({
      name: 'millrace_state_keys',
      help: 'Keys in the restored state',
      labelNames: ['stage'],
      registers,
    }),
  };
}

function transactionWatch(registry: Registry): StageMetrics['watchTransaction'] {
  const stages = new Map<string, Set<{ began_at_ms(): number | null }>>();
  new Gauge({
    name: 'millrace_open_transaction_age_seconds',
    help: 'How long ago the open transaction was begun; 0 where none is open',
    labelNames: ['stage'],
    registers: [registry],
    collect() {
      const now_ms = Date.now();
      for (const [stage, producers] of stages) {
        const ages_ms = [...producers].map(producer => now_ms - (producer.began_at_ms() ?? now_ms));
        this.set({ stage }, Math.max(0, ...ages_ms) / 1000);
      }
    },
  });
  return (stage, producer) => {
    const producers = stages.get(stage) ?? new Set();
    stages.set(stage, producers.add(producer));
    return () => void producers.delete(producer);
  };
}

/** What a sink tells beside what every stage does. */
import { Counter, Gauge, Histogram, type Registry } from './metrics.ts';

export function sinkMetrics(registry: Registry) {
  const registers = [registry];
  return {
    rows: new Counter({
      name: 'millrace_rows_inserted_total',
      help: 'Rows inserted',
      labelNames: ['table'],
      registers,
    }),
    retries: new Counter({
      name: 'millrace_insert_retries_total',
      help: 'Inserts tried again',
      labelNames: ['table'],
      registers,
    }),
    insert_seconds: new Histogram({
      name: 'millrace_insert_seconds',
      help: 'Duration of an INSERT',
      labelNames: ['table'],
      registers,
    }),
    freshness: new Gauge({
      name: 'millrace_last_insert_timestamp_seconds',
      help: 'When a row was last inserted',
      registers,
    }),
  };
}

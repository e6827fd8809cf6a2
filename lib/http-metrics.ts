/** What every HTTP listener counts. Labels are route patterns, never paths: a path could make a series a request. */
import { Counter, type Histogram, type Registry } from './metrics.ts';

export interface HttpMetrics {
  of(route: string): Count;
}

/** One request, whose reply has ended. */
export type Count = (method: string, status: number, seconds: number) => void;

const durations = 'http_request_duration_seconds';
const buckets_s = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * The requests of a route and method. They are counted here and told to prom-client when it is asked, since that puts a
 * request's labels together into a text each time: a third of what a quick request costs.
 */
interface Tally {
  readonly labels: { readonly method: string; readonly route: string };
  readonly statuses: Map<number, number>;
  /** By bucket, each without those before it; the last is beyond all. */
  readonly buckets: number[];
  seconds: number;
}

/** Listeners that share a registry share the series. */
const tallies = new WeakMap<Registry, Map<string, Tally>>();

export function httpMetrics(registry: Registry): HttpMetrics {
  const known = tallies.get(registry) ?? register(registry);
  return { of: route => countOf(route, known) };
}

function countOf(route: string, known: Map<string, Tally>): Count {
  const by_method = new Map<string, Tally>();

  function tallyOf(sent: string): Tally {
    // A client may invent methods, and each would be a series.
    const method = methods.has(sent) ? sent : 'other';
    const present = by_method.get(method);
    if (present) return present;
    const key = `${method} ${route}`;
    const tally = known.get(key) ?? newTally({ method, route });
    known.set(key, tally);
    by_method.set(method, tally);
    return tally;
  }

  return (method, status, seconds) => {
    const tally = tallyOf(method);
    const { statuses, buckets } = tally;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const found = buckets_s.findIndex(most => seconds <= most);
    const bucket = found === -1 ? buckets_s.length : found;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    tally.seconds += seconds;
  };
}

const newTally = (labels: Tally['labels']): Tally => ({
  labels,
  statuses: new Map(),
  buckets: new Array<number>(buckets_s.length + 1).fill(0),
  seconds: 0,
});

function register(registry: Registry): Map<string, Tally> {
  const known = new Map<string, Tally>();
  tallies.set(registry, known);
  new Counter({
    name: 'http_requests_total',
    help: 'Requests by method, route and status; 499 where the client went away first',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, statuses } of known.values()) {
        for (const [status, requests] of statuses) this.inc({ ...labels, status: String(status) }, requests);
      }
    },
  });
  registry.registerMetric(durationsOf(known));
  return known;
}

/** A histogram's own way to count takes one observation at a time, so this is no more of one than a registry asks for. */
function durationsOf(known: ReadonlyMap<string, Tally>): Histogram {
  const about = { name: durations, help: "From a request's head to the end of its reply", type: 'histogram' };
  const get = async () => ({ ...about, aggregator: 'sum', values: [...known.values()].flatMap(valuesOf) });
  return { ...about, labelNames: ['method', 'route'], get, reset: () => undefined } as unknown as Histogram;
}

function valuesOf({ labels, buckets, seconds }: Tally) {
  let requests = 0;
  const up_to = buckets.map((more, i) => {
    requests += more;
    return { metricName: `${durations}_bucket`, labels: { ...labels, le: buckets_s[i] ?? '+Inf' }, value: requests };
  });
  return [
    ...up_to,
    { metricName: `${durations}_sum`, labels, value: seconds },
    { metricName: `${durations}_count`, labels, value: requests },
  ];
}

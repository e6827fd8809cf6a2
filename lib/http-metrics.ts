/** What every HTTP listener counts. Labels are route patterns, never paths: a path could make a series a request. */
import { Counter, Histogram, type Registry } from './metrics.ts';

export interface HttpMetrics {
  of(route: string): Count;
}

/** One request, whose reply has ended. */
export type Count = (method: string, status: number, seconds: number) => void;

const buckets_s = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Listeners that share a registry share the series. */
export function httpMetrics(registry: Registry): HttpMetrics {
  const requests =
    (registry.getSingleMetric('http_requests_total') as Counter | undefined) ??
    new Counter({
      name: 'http_requests_total',
      help: 'Requests by method, route and status; 499 where the client went away first',
      labelNames: ['method', 'route', 'status'],
      registers: [registry],
    });
  const durations =
    (registry.getSingleMetric('http_request_duration_seconds') as Histogram | undefined) ??
    new Histogram({
      name: 'http_request_duration_seconds',
      help: "From a request's head to the end of its reply",
      labelNames: ['method', 'route'],
      buckets: buckets_s,
      registers: [registry],
    });
  return {
    of: route => (sent, status, seconds) => {
      // A client may invent methods, and each would be a series.
      const method = methods.has(sent) ? sent : 'other';
      requests.inc({ method, route, status: String(status) });
      durations.observe({ method, route }, seconds);
    },
  };
}

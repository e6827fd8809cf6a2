/** Loaded before a role that has no embedded engine: what it imports of them, or of what is not configured, ends it. */
import { register } from 'node:module';

const optional = { REDIS_URL: '@redis', SENTRY_DSN: '@sentry', OTEL_EXPORTER_OTLP_ENDPOINT: '@opentelemetry' };
const unset = Object.entries(optional).flatMap(([name, scope]) => (process.env[name] ? [] : [scope]));

const hook = `export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (/\\/node_modules\\/@?chdb\\/|\\/dist\\/embedded\\//.test(found.url)) throw new Error('an embedded part is loaded: ' + found.url);
  if (${JSON.stringify(unset)}.some(scope => found.url.includes('/node_modules/' + scope + '/')))
    throw new Error('what is not configured is loaded: ' + found.url);
  return found;
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

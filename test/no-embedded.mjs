/** Loaded before a role that has no embedded engine: whatever of them it imports all the same ends it. */
import { register } from 'node:module';

const hook = `export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (/\\/node_modules\\/@?chdb\\/|\\/dist\\/embedded\\//.test(found.url)) throw new Error('an embedded part is loaded: ' + found.url);
  return found;
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

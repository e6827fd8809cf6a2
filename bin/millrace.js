#!/usr/bin/env node
// The pool is sized before anything uses it: each Kafka client's blocking calls hold one of its threads.
process.env.UV_THREADPOOL_SIZE ??= '24';
const { existsSync } = await import('node:fs');
const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error('millrace is not built yet: run `npm run build` first');
  process.exit(2);
}
await import(main.href);

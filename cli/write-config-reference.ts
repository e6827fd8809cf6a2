/** Writes docs/configuration.md; `--check` fails where the committed file differs. Run by `npm run generate`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configReference } from './config-reference.ts';

const target = join(process.cwd(), 'docs/configuration.md');
const text = configReference();
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
  console.error('wrote docs/configuration.md');
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('docs/configuration.md does not match config.ts: run `npm run generate` and commit the result');
  process.exit(1);
}

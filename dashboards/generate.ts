/**
 * Writes dashboards/out/*.json, which Grafana is provisioned with. `npm run generate` writes; with `--check` it fails when a committed
 * file differs, is missing, or belongs to no dashboard.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards } from './index.ts';

const folder = join(process.cwd(), 'dashboards/out');
const files = new Map<string, string>(
  dashboards.map(({ name, dashboard }) => [`${name}.json`, `${JSON.stringify(dashboard, null, 2)}\n`]),
);

mkdirSync(folder, { recursive: true });
const committed = new Map<string, string>(
  readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')]),
);
const names = [...new Set([...files.keys(), ...committed.keys()])].sort();
const stale = names.filter(name => files.get(name) !== committed.get(name));

if (process.argv.includes('--check')) {
  for (const name of stale)
    console.error(`dashboards/out/${name} is not what dashboards/ makes: run \`npm run generate\` and commit`);
  if (stale.length > 0) process.exit(1);
} else {
  for (const name of stale) {
    const text = files.get(name);
    if (text === undefined) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), text);
  }
  console.error(`wrote dashboards/out (${names.length} files, ${stale.length} changed)`);
}

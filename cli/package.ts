/** Where the parts of the installed package are. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Compiled, this file is dist/cli/package.js.
export const packageDir = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const mainScript = join(packageDir, 'dist', 'main.js');
export const webDir = join(packageDir, 'dist', 'web');
export const dashboardsDir = join(packageDir, 'dashboards', 'out');
export const migrationsDir = join(packageDir, 'schemas', 'migrations');

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string }).version;
}

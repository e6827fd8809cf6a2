/** `npm run test:faults [-- --long] [-- -t NAME]`: the fault tests, the short pass without `--long`. */
import { spawnSync } from 'node:child_process';

const args = process.argv.slice(2).filter(arg => arg !== '--long');
const env = { ...process.env, ...(process.argv.includes('--long') ? { MILLRACE_FAULTS: 'long' } : {}) };
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'faults', ...args], { env, stdio: 'inherit' });
process.exit(status ?? 1);

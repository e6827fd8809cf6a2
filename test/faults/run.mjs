/**
 * `npm run test:faults [-- --controls | --long] [-- -t NAME]`: the fault tests; the short pass alone, with the controls on
 * broken builds, or the whole.
 */
import { spawnSync } from 'node:child_process';

const passes = ['long', 'controls'];
const pass = passes.find(each => process.argv.includes(`--${each}`));
const args = process.argv.slice(2).filter(arg => !passes.includes(arg.slice(2)));
const env = { ...process.env, ...(pass ? { MILLRACE_FAULTS: pass } : {}) };
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'faults', ...args], { env, stdio: 'inherit' });
process.exit(status ?? 1);

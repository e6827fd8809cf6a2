/**
 * Builds the addon against node-rdkafka's librdkafka and this Node, when the package is installed. Where it cannot be built
 * everything runs on node-rdkafka's own calls, slower, so that is a warning and no failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Not in the package's root: npm builds a binding.gyp it finds there itself, before node-rdkafka has been built.
const here = join(dirname(fileURLToPath(import.meta.url)), 'addon');
const built = join(here, 'build', 'Release', 'border.node');
const stamp_path = join(here, 'build', 'stamp');
const require = createRequire(import.meta.url);

/** What the binary was made of: another Node or another librdkafka has other structures in other places. */
function stamp() {
  const source = readFileSync(join(here, 'border.cc'), 'utf8').length;
  return [process.version, process.arch, require('node-rdkafka/package.json').version, source].join(' ');
}

const isCurrent = () => existsSync(built) && existsSync(stamp_path) && readFileSync(stamp_path, 'utf8') === stamp();

function nodeGyp() {
  // npm names its own in the environment of the scripts it runs.
  const named = process.env.npm_config_node_gyp;
  if (named && existsSync(named)) return named;
  return join(
    dirname(process.execPath),
    '..',
    'lib',
    'node_modules',
    'npm',
    'node_modules',
    'node-gyp',
    'bin',
    'node-gyp.js',
  );
}

/** Node's own headers where they lie beside it; node-gyp would otherwise fetch them. */
function headers() {
  const prefix = join(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? ['--nodedir', prefix] : [];
}

function build() {
  const args = [nodeGyp(), 'rebuild', '--directory', here, '--loglevel', 'error', ...headers()];
  const done = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (done.status === 0) {
    writeFileSync(stamp_path, stamp());
    return;
  }
  process.stderr.write(
    `millrace: the native border was not built; records cross it one by one, slower.\n${done.stderr || done.error?.message}\n`,
  );
}

if (!isCurrent()) build();

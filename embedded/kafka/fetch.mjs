/**
 * Fetches the embedded broker: Apache Kafka and what it runs on, from Maven Central, as pom.xml names them, into
 * `.cache/kafka-VERSION/` of the package. Plain JavaScript: it runs while the package is being installed, before
 * anything is compiled, and again at a start that finds nothing there.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cache_dir = join(here, '..', '..', '.cache');
const pom_path = join(here, 'pom.xml');
/** Of Maven's output kept for an error's message. */
const output_chars_max = 4_000;

/** The directory the broker's jars are in, or will be. */
export function kafkaDirectory() {
  const version = /<kafka\.version>([^<]+)<\/kafka\.version>/.exec(readFileSync(pom_path, 'utf8'))?.[1];
  if (!version) throw new Error(`${pom_path} names no kafka.version`);
  return join(cache_dir, `kafka-${version}`);
}

/**
 * Leaves the directory complete or absent: it gets its name once everything is in it.
 *
 * @param {(line: string) => void} progress
 * @returns {Promise<string>} the directory
 */
export async function fetchKafka(progress) {
  const directory = kafkaDirectory();
  if (existsSync(directory)) return directory;
  progress('Fetching Apache Kafka from Maven Central (about 43 MB)');
  await mkdir(cache_dir, { recursive: true });
  const partial = await mkdtemp(join(cache_dir, 'partial-'));
  try {
    await copyDependencies(partial);
    if ((await readdir(partial)).length === 0) throw new Error('Maven reported success and copied nothing');
    // Temporary directories are private; whoever installs need not be who runs.
    await chmod(partial, 0o755);
    await rename(partial, directory);
  } catch (error) {
    // Another process may have been quicker; its directory is as good.
    if (!existsSync(directory)) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return directory;
}

/** @param {string} directory */
async function copyDependencies(directory) {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${directory}`];
  const { code, output } = await runMaven(['-q', '-B', '-f', pom_path, ...goal]);
  if (code === 0) return;
  const reason = output.trim().slice(-output_chars_max) || `mvn ended with ${code}`;
  throw new Error(
    `Apache Kafka could not be fetched:\n${reason}\n` +
      'Check the network and, behind a proxy or a mirror, ~/.m2/settings.xml; then run: node embedded/kafka/fetch.mjs',
  );
}

/**
 * @param {string[]} args
 * @returns {Promise<{ code: number | string, output: string }>}
 */
function runMaven(args) {
  return new Promise(resolve => {
    const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', chunk => {
        output = (output + chunk).slice(-2 * output_chars_max);
      });
    }
    child.once('error', error => resolve({ code: 'ENOENT', output: `mvn could not be run: ${error.message}` }));
    child.once('close', code => resolve({ code: code ?? 'a signal', output }));
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  fetchKafka(line => process.stderr.write(`${line}\n`)).catch(error => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}

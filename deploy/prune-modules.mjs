/** Takes out of node_modules what building left behind: librdkafka's sources and objects are 500 MB, what runs is 15. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const rdkafka = join('node_modules', 'node-rdkafka');
const kept = new Set(['package.json', 'LICENSE.txt', 'librdkafka.js', 'lib', 'build']);
for (const name of readdirSync(rdkafka)) if (!kept.has(name)) remove(join(rdkafka, name));

const build = join(rdkafka, 'build');
for (const name of readdirSync(build)) if (!['Release', 'deps'].includes(name)) remove(join(build, name));
for (const name of readdirSync(join(build, 'Release')))
  if (!name.endsWith('.node')) remove(join(build, 'Release', name));
for (const name of readdirSync(join(build, 'deps'))) if (!name.endsWith('.so.1')) remove(join(build, 'deps', name));

// Checked before anything is published: a rename in a new version would leave an image that cannot start.
for (const file of ['Release/node-librdkafka.node', 'deps/librdkafka.so.1', 'deps/librdkafka++.so.1']) {
  if (!existsSync(join(build, file)) || statSync(join(build, file)).size === 0) throw new Error(`${file} is missing`);
}

function remove(path) {
  rmSync(path, { recursive: true, force: true });
}

/** What `millrace up` asks of the machine before it starts anything. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from '../lib/errors.ts';
import type { CheckOptions, Problem } from './preflight/index.d.mts';
import { packageRoot } from './root.ts';

interface Preflight {
  check(options: CheckOptions): Promise<{ problems: Problem[] }>;
  describe(problems: Problem[]): string;
}

/** A broker refuses to write long before the disk is full to the last byte. */
const disk_bytes_min = 512 * 1024 * 1024;
const memory_bytes_min = 1.5 * 1024 * 1024 * 1024;

/** Throws MillraceError `preflight` that names everything that is missing, each with its remedy. */
export async function checkStart({ data_dir, port }: { data_dir: string; port: number }): Promise<void> {
  // Plain JavaScript beside the source, because it also runs before anything is compiled.
  const script = pathToFileURL(join(packageRoot(), 'embedded', 'preflight', 'index.mjs')).href;
  const preflight = (await import(script)) as Preflight;
  const { problems } = await preflight.check({
    need: ['node', 'java', 'disk', 'memory', 'port'],
    directory: data_dir,
    disk_bytes_min,
    memory_bytes_min,
    port,
  });
  if (problems.length > 0) throw new MillraceError('preflight', preflight.describe(problems));
}

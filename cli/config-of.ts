/** The configuration of this process: a file, and the environment over it. */
import { type Config, loadConfig } from '../config.ts';

export function configOf(file: string | undefined, need: ('api' | 'ingest')[] = []): Config {
  return loadConfig({ ...(file === undefined ? {} : { file }), env: process.env, need });
}

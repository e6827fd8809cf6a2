/** What is wrong with configuration files and CSV mappings, without starting anything. */
import { readFileSync } from 'node:fs';
import { loadConfig } from '../config.ts';
import { parseMapping } from '../ingest/csv/mapping.ts';
import { hookFaults } from '../ingest/hooks/lint.ts';
import { MillraceError, messageOf } from '../lib/errors.ts';
import { readYaml, type YamlFile } from '../lib/yaml.ts';

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export function lint(file: string): Finding[] {
  try {
    const text = readFileSync(file, 'utf8');
    const yaml = readYaml(text, file);
    const { values = {} } = yaml;
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new MillraceError('config', `${file}:1:1 expected keys with their values, as in \`record: deal\``);
    }
    // What a mapping must have, a configuration cannot.
    if ('record' in values) {
      parseMapping(text, file);
      return [];
    }
    return lintConfig(file, yaml);
  } catch (error) {
    if (!(error instanceof MillraceError && error.code === 'config')) {
      return [{ ...nowhere(file), severity: 'error', message: messageOf(error) }];
    }
    return error.message.split('\n').map(line => findingOf(file, line, 'error'));
  }
}

function lintConfig(file: string, yaml: YamlFile): Finding[] {
  const { hooks } = loadConfig({ file, env: standIns(yaml.values), need: [] });
  return Object.entries(hooks).flatMap(([name, hook]) =>
    hookFaults(hook).map(({ path, severity, message }) => {
      const full = ['hooks', name, ...path];
      return findingOf(file, `${yaml.placeOf(full)}${full.join('.')}: ${message}`, severity);
    }),
  );
}

/** What a file may leave to the environment, or to `millrace up`. */
const left_out: readonly (readonly [variable: string, section: string, key: string, stand_in: string])[] = [
  ['KAFKA_BROKERS', 'kafka', 'brokers', 'localhost:9092'],
  ['CLICKHOUSE_URL', 'clickhouse', 'url', 'http://localhost:8123'],
  ['MILLRACE_INGEST_URL', 'api', 'ingest_url', 'http://localhost:8089'],
  ['MILLRACE_JWT_SECRET', 'api', 'jwt_secret', 'x'.repeat(32)],
];

function standIns(values: unknown): Record<string, string> {
  const sections = (values ?? {}) as Record<string, Record<string, unknown> | undefined>;
  const absent = left_out.filter(([, section, key]) => sections[section]?.[key] === undefined);
  return Object.fromEntries(absent.map(([variable, , , stand_in]) => [variable, stand_in]));
}

const nowhere = (file: string) => ({ file, line: 1, column: 1, path: '' });

/** From `file:line:col path: message`, as faults of a configuration are told. */
function findingOf(file: string, text: string, severity: Finding['severity']): Finding {
  const place = text.startsWith(`${file}:`)
    ? /^:(\d+):(\d+) (?:([\w.-]+): )?(.*)$/s.exec(text.slice(file.length))
    : null;
  if (!place) return { ...nowhere(file), severity, message: text };
  const [, line, column, path = '', message = ''] = place;
  return { file, line: Number(line), column: Number(column), path, severity, message };
}

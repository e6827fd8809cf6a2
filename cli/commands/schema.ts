import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { MillraceError, messageOf } from '../../lib/errors.ts';
import { type Client, problemOf } from '../client.ts';
import { withInstance } from '../instance.ts';
import { print, printable, printJson, table } from '../terminal.ts';
import { instanceCommand, positiveInteger, withHelp } from './common.ts';

interface Version {
  subject: string;
  version: number;
  id: number;
  schema: string;
}

/** `millrace schema list | show | check`: what the topics' records look like, and whether a change may follow. */
export function schema(program: Command): void {
  const group = program.command('schema').description("the schemas of the topics' records");

  const list = instanceCommand(group, 'list', 'show every subject with its newest version').action(async options => {
    const versions = await withInstance(options, newestOfEach);
    if (options.json) printJson(versions.map(readable));
    else print(table(['subject', 'version', 'id', 'record', 'fields'], versions.map(row)));
  });
  withHelp(list, { examples: ['millrace schema list', 'millrace schema list --json'] });

  const show = instanceCommand(
    group,
    'show <subject>',
    "print a subject's schema; a topic's name stands for its values",
  )
    .option('--version <n>', 'the newest without it', positiveInteger)
    .action(async (subject: string, options) => {
      const found = await withInstance(options, client => versionOf(client, subject, options.version));
      if (options.json) printJson(readable(found));
      else printJson(JSON.parse(found.schema), 2);
    });
  withHelp(show, {
    examples: ['millrace schema show email.enriched.v1', 'millrace schema show email.enriched.v1-value --version 1'],
  });

  const check = instanceCommand(group, 'check <file>', 'say whether a schema may follow the newest one of a subject')
    .requiredOption('--subject <subject>', "or a topic's name")
    .action(async (file: string, options) => {
      const text = readSchema(file);
      const checked = await withInstance(options, client => compare(client, options.subject, text));
      if (options.json) printJson(checked);
      else print(lineOf(checked));
      if (!checked.compatible) process.exitCode = 1;
    });
  withHelp(check, {
    examples: ['millrace schema check changed.avsc --subject email.enriched.v1'],
    failure: 'it may not, and the reason is printed',
  });
}

// ── What is asked ────────────────────────────────────────────────────────────────────────────────────────────────────

async function newestOfEach(client: Client): Promise<Version[]> {
  const subjects = await ask<string[]>(client, '/subjects');
  return Promise.all(subjects.map(subject => versionOf(client, subject)));
}

async function versionOf(client: Client, name: string, version: number | 'latest' = 'latest'): Promise<Version> {
  const get = (subject: string): Promise<Version> => ask(client, `${pathOf(subject)}/versions/${version}`);
  try {
    return await get(name);
  } catch (error) {
    if (!(error instanceof MillraceError && error.code === unknown_subject) || name.endsWith('-value')) throw error;
    return get(`${name}-value`);
  }
}

interface Checked {
  subject: string;
  version: number;
  compatible: boolean;
  reason: string | null;
}

async function compare(client: Client, name: string, schema: string): Promise<Checked> {
  const { subject, version } = await versionOf(client, name);
  const path = `/compatibility${pathOf(subject)}/versions/${version}?verbose=true`;
  const answer = await ask<{ is_compatible: boolean; messages?: string[] }>(client, path, { schema });
  const { is_compatible: compatible, messages = [] } = answer;
  return { subject, version, compatible, reason: compatible ? null : messages.join('; ') || 'incompatible' };
}

const pathOf = (subject: string): string => `/subjects/${encodeURIComponent(subject)}`;
const unknown_subject = 'registry.40401';

async function ask<T>(client: Client, path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await client.request(`/registry${path}`, init);
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  throw faultOf(response.status, text);
}

function faultOf(status: number, text: string): MillraceError {
  try {
    const { error_code, message } = JSON.parse(text) as { error_code?: number; message?: string };
    if (!message) return problemOf(status, text);
    const remedy = error_code === 40401 ? { remedy: '`millrace schema list` shows the subjects' } : {};
    return new MillraceError(`registry.${error_code}`, message, remedy);
  } catch {
    return problemOf(status, text);
  }
}

function readSchema(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new MillraceError('usage', `${file}: ${messageOf(error)}`);
  }
}

// ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────────────

const readable = (version: Version) => ({ ...version, schema: JSON.parse(version.schema) as unknown });

function row({ subject, version, id, schema }: Version): string[] {
  const { name, fields } = JSON.parse(schema) as { name: string; fields: unknown[] };
  return [subject, String(version), String(id), name, String(fields.length)];
}

const lineOf = ({ subject, version, compatible, reason }: Checked): string =>
  compatible
    ? `may follow ${subject} version ${version}: it can read what that one has written`
    : `may not follow ${subject} version ${version}: ${printable(reason ?? '')}`;

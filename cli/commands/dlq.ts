import type { Command } from 'commander';
import type { Client } from '../client.ts';
import { withInstance } from '../instance.ts';
import { letterPath, originalOf } from '../letters.ts';
import { count, print, printable, printJson, table } from '../terminal.ts';
import { instanceCommand, positiveInteger, withHelp } from './common.ts';
import { fix, replay } from './dlq-replay.ts';

interface Cause {
  cause: string;
  count: number;
  replayed: number;
  first: string;
  last: string;
  stages: string[];
  example: { id: string; message: string };
}

interface Selection {
  cause?: string;
  source?: string;
  organization?: string;
  limit: number;
}

/** `millrace dlq list | show | fix | replay`: the records that could not be processed, why, and how they are mended. */
export function dlq(program: Command): void {
  const group = program.command('dlq').description('dead letters: records that could not be read or processed');

  const list = instanceCommand(group, 'list', 'show them grouped by cause: how many, since when, and an example')
    .option('--cause <cause>', 'only this cause')
    .option('--source <source>', 'only of this source')
    .option('--organization <id>', 'only of this organisation')
    .option('--limit <n>', 'the most frequent causes', positiveInteger, 50)
    .action(async options => {
      const { items } = await withInstance(options, client => client.get<{ items: Cause[] }>(pathOf(options)));
      if (options.json) printJson(items);
      else print(items.length === 0 ? 'no dead letters' : listOf(items));
    });
  withHelp(list, { examples: ['millrace dlq list', 'millrace dlq list --organization sample --json'] });

  const show = instanceCommand(group, 'show <id>', 'show everything that is known of one, and how its bytes begin')
    .option('--organization <id>', 'where several organisations have one of this id')
    .option('--raw', 'print the original bytes instead; on a terminal with its controls spelled out')
    .action(async (id: string, options) =>
      withInstance(options, client =>
        options.raw ? printRaw(client, id, options.organization) : printOne(client, id, options),
      ),
    );
  withHelp(show, { examples: ['millrace dlq show 6f1c0b2a', 'millrace dlq show 6f1c0b2a --raw > original.eml'] });

  fix(group);
  replay(group);
}

function pathOf({ cause, source, organization, limit }: Selection): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (cause) query.set('cause', cause);
  if (source) query.set('source', source);
  if (organization) query.set('organization_id', organization);
  return `/api/dead-letters/causes?${query}`;
}

function listOf(items: readonly Cause[]): string {
  const rows = items.map(item => [
    ...[item.cause, count(item.count), count(item.replayed), item.stages.join(' '), item.first, item.last],
    ...[item.example.id, item.example.message],
  ]);
  return table(['cause', 'count', 'replayed', 'stage', 'first', 'last', 'example', 'reason'], rows);
}

const preview_chars = 1_000;

async function printOne(
  client: Client,
  id: string,
  { organization, json }: { organization?: string; json: boolean },
): Promise<void> {
  const letter = await client.get<Record<string, unknown>>(letterPath(id, organization));
  if (json) return printJson(letter);
  const width = Math.max(...Object.keys(letter).map(name => name.length));
  for (const [name, value] of Object.entries(letter)) {
    print(`${name.padEnd(width)}  ${printable(value === null ? '-' : String(value))}`);
  }
  const original = await originalOf(client, id, organization);
  const text = original.subarray(0, preview_chars).toString('utf8');
  print(
    `\n${printable(text, '\n\t')}${original.length > preview_chars ? `\n… --raw prints all ${count(original.length)} bytes` : ''}`,
  );
}

async function printRaw(client: Client, id: string, organization?: string): Promise<void> {
  const original = await originalOf(client, id, organization);
  process.stdout.write(process.stdout.isTTY ? `${printable(original.toString('utf8'), '\n\t')}\n` : original);
}

import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { MillraceError, messageOf } from '../../lib/errors.ts';
import { withInstance } from '../instance.ts';
import { sql as run } from '../sql.ts';
import { instanceCommand, withHelp } from './common.ts';

export function sql(program: Command): void {
  const command = instanceCommand(program, 'sql [query]', 'run a read-only query; - reads it from standard input')
    .option('--file <path>', 'read the query from a file')
    .option('--format <name>', 'a ClickHouse format, such as CSVWithNames', 'PrettyCompactMonoBlock')
    .action(async (query: string | undefined, options) => {
      const asked = await queryOf(query, options.file);
      await withInstance(options, client => run(client, asked, options.json ? 'JSON' : options.format));
    });
  withHelp(command, {
    examples: [
      'millrace sql "SELECT category, count() FROM emails GROUP BY category"',
      'millrace sql --file report.sql --format CSVWithNames > report.csv',
      'echo "SELECT count() FROM customers" | millrace sql -',
    ],
  });
}

async function queryOf(query: string | undefined, file: string | undefined): Promise<string> {
  if ((query === undefined) === (file === undefined)) {
    throw new MillraceError('usage', 'sql takes a query, - for standard input, or --file, and one of them only');
  }
  const asked = file !== undefined ? readQuery(file) : query === '-' ? await text(process.stdin) : (query ?? '');
  if (asked.trim() === '') throw new MillraceError('usage', 'the query is empty');
  return asked;
}

function readQuery(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new MillraceError('usage', `${file}: ${messageOf(error)}`);
  }
}

import { Argument, type Command, InvalidArgumentError } from 'commander';
import { feedNames, feeds } from '../../query-api/live/feeds.ts';
import { withInstance } from '../instance.ts';
import { tail as run } from '../tail.ts';
import { instanceCommand, positiveInteger, withHelp } from './common.ts';

type Filter = Readonly<Record<string, readonly unknown[]>>;

export function tail(program: Command): void {
  const command = instanceCommand(program, 'tail', 'print a live feed, a JSON value a line, until Ctrl-C')
    .addArgument(new Argument('<feed>', 'which').choices(feedNames))
    .option(
      '--filter <field=value>',
      'only these; commas between values; repeatable, and then all must hold',
      addFilter,
    )
    .option('--from <place>', 'latest, earliest, or the cursor where an earlier reader stopped', 'latest')
    .option('--count <n>', 'stop after so many records', positiveInteger)
    .action(async (feed: string, { filter, from, count, ...options }) => {
      const count_max = count ?? Number.POSITIVE_INFINITY;
      await withInstance(options, (client, signal) => run(client, { feed, filter, from, count_max, signal }));
    });
  withHelp(command, {
    examples: [
      'millrace tail emails --count 3',
      'millrace tail emails --filter category=support,billing --filter sentiment=negative | jq .subject',
      'millrace tail customers --from earliest --filter grade=A',
    ],
  });
  const fields = feedNames.map(name => `  ${name}: ${feeds[name].fields.join(', ')}`).join('\n');
  command.addHelpText('after', `\nFields to filter by:\n${fields}`);
}

/** A number or a truth is sent as both what it looks like and as text: the feed compares values with their type. */
export function addFilter(text: string, previous: Filter = {}): Filter {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('a filter is field=value');
  const values = text.slice(at + 1).split(',');
  return { ...previous, [text.slice(0, at)]: values.flatMap(value => [value, ...typed(value)]) };
}

function typed(value: string): unknown[] {
  if (value === 'true' || value === 'false') return [value === 'true'];
  if (value === 'null') return [null];
  return /^-?\d+(\.\d+)?$/.test(value) ? [Number(value)] : [];
}

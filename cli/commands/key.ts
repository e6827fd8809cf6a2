import { type Command, Option } from 'commander';
import { permissions } from '../../query-api/auth/roles.ts';
import { withInstance } from '../instance.ts';
import { print, printable, printJson, say, table } from '../terminal.ts';
import { instanceCommand, positiveInteger, withHelp } from './common.ts';

interface Key {
  readonly key_id: string;
  readonly user_id: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

/** `millrace key create | list | revoke`: keys for programs, each of which speaks for a user. */
export function key(program: Command): void {
  const group = program.command('key').description('keys for programs, each of which speaks for a user');

  const create = instanceCommand(group, 'create', 'make a key and print it, this once')
    .requiredOption('--user <name>', 'whom it speaks for')
    .requiredOption('--label <text>', 'what it is for')
    .addOption(
      new Option('--scope <scope...>', 'what it may do, of what the user’s role may; read unless given')
        .choices(permissions)
        .default(['read']),
    )
    .option('--days <n>', 'after which it ends; without it, when it is revoked', positiveInteger)
    .action(async ({ user, label, scope, days, ...options }) => {
      const body = { user_id: user, label, scopes: scope, expires_in_days: days };
      const made = await withInstance(options, client => client.send<Key & { key: string }>('POST', '/api/keys', body));
      if (options.json) return printJson(made);
      say(`key ${made.key_id} of ${printable(made.user_id)}, for ${made.scopes.join(', ')}; it is shown this once`);
      print(made.key);
    });
  withHelp(create, {
    examples: [
      'millrace key create --user ada --label "the nightly report" --days 90',
      'millrace key create --user bob --label importer --scope read write > importer.key',
    ],
    failure: 'there is no such user, or his role may not do this itself',
  });

  const list = instanceCommand(group, 'list', 'show the keys, the newest first').action(async options => {
    const { items } = await withInstance(options, client => client.get<{ items: Key[] }>('/api/keys'));
    if (options.json) printJson(items);
    else print(items.length === 0 ? 'no keys' : table(heading, items.map(rowOf)));
  });
  withHelp(list, { examples: ['millrace key list', 'millrace key list --json'] });

  const revoke = instanceCommand(group, 'revoke <id>', 'end a key, at once').action(async (id: string, options) => {
    await withInstance(options, client => client.send('DELETE', `/api/keys/${encodeURIComponent(id)}`));
    if (options.json) printJson({ key_id: id });
    else print(`revoked ${printable(id)}`);
  });
  withHelp(revoke, { examples: ['millrace key revoke 0f3b5c7d9e1a2b4c'], failure: 'there is no such key' });
}

const heading = ['key', 'user', 'label', 'scopes', 'created', 'ends'];
const rowOf = ({ key_id, user_id, label, scopes, created_at, expires_at, revoked_at }: Key): string[] => [
  ...[key_id, user_id, label, scopes.join(' '), created_at],
  revoked_at === null ? (expires_at ?? 'never') : `revoked ${revoked_at}`,
];

import { type Command, InvalidArgumentError, Option } from 'commander';
import { MillraceError } from '../../lib/errors.ts';
import { roles } from '../../query-api/auth/roles.ts';
import { withInstance } from '../instance.ts';
import { readPassword } from '../password.ts';
import { print, printable, printJson, table } from '../terminal.ts';
import { instanceCommand, withHelp } from './common.ts';

interface Grant {
  readonly name: string;
  readonly bodies: boolean;
}

interface User {
  readonly user_id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly mailboxes: readonly Grant[];
  readonly teams: readonly Grant[];
  readonly has_password: boolean;
  readonly state: string;
}

/** `millrace user add | list | change | remove | passwd`: who signs in, as what, and whose mail he may see. */
export function user(program: Command): void {
  const group = program.command('user').description('users: who signs in, as what, and whose mail he may see');
  add(group);
  list(group);
  change(group);
  remove(group);
  passwd(group);
}

function add(group: Command): void {
  const command = described(
    instanceCommand(group, 'add <name>', 'add a user; without a password he signs in by the provider'),
  )
    .option('--password-stdin', 'take his password from standard input')
    .action(async (name: string, options) => {
      const password = options.passwordStdin ? await readPassword() : undefined;
      const body = { user_id: name, ...saidOf(options), password };
      const added = await withInstance(options, client => client.send<User>('POST', '/api/users', body));
      tell(added, 'added', options);
    });
  withHelp(command, {
    examples: [
      'millrace user add ada --role user --email ada@example.com --mailbox ada@example.com:bodies',
      'millrace user add bob --role manager --team sales:bodies --password-stdin < bob.password',
    ],
    failure: 'there is such a user already, or something does not fit',
  });
}

function list(group: Command): void {
  const command = instanceCommand(group, 'list', 'show the users').action(async options => {
    const { items } = await withInstance(options, client => client.get<{ items: User[] }>('/api/users'));
    if (options.json) printJson(items);
    else print(items.length === 0 ? 'no users' : table(heading, items.map(rowOf)));
  });
  withHelp(command, { examples: ['millrace user list', 'millrace user list --json'] });
}

function change(group: Command): void {
  const command = described(
    instanceCommand(group, 'change <name>', 'change what is named; grants take the place of all of before'),
  )
    .option('--no-mailboxes', 'take all mailboxes from him')
    .option('--no-teams', 'take him out of all teams')
    .addOption(new Option('--disable', 'let him in no more, and end his sessions').conflicts('enable'))
    .option('--enable', 'let him in again')
    .action(async (name: string, options) => {
      const state = options.disable ? 'disabled' : options.enable ? 'active' : undefined;
      const body = { ...saidOf(options), state };
      if (Object.values(body).every(value => value === undefined)) {
        throw new MillraceError('usage', 'nothing is named that is to change: --help says what may');
      }
      const changed = await withInstance(options, client => client.send<User>('PATCH', pathOf(name), body));
      tell(changed, 'changed', options);
    });
  withHelp(command, {
    examples: [
      'millrace user change ada --role manager --team sales:bodies --team support',
      'millrace user change bob --disable',
    ],
    failure: 'there is no such user, or something does not fit',
  });
}

function remove(group: Command): void {
  const command = instanceCommand(
    group,
    'remove <name>',
    'remove a user with his keys and sessions; what is his stays',
  ).action(async (name: string, options) => {
    await withInstance(options, client => client.send('DELETE', pathOf(name)));
    if (options.json) printJson({ user_id: name });
    else print(`removed ${printable(name)}`);
  });
  withHelp(command, { examples: ['millrace user remove bob'], failure: 'there is no such user' });
}

function passwd(group: Command): void {
  const command = instanceCommand(
    group,
    'passwd <name>',
    'set a password, which is asked for or piped in; his sessions end',
  ).action(async (name: string, options) => {
    const password = await readPassword();
    const changed = await withInstance(options, client => client.send<User>('PATCH', pathOf(name), { password }));
    tell(changed, 'changed the password of', options);
  });
  withHelp(command, {
    examples: ['millrace user passwd ada', 'openssl rand -base64 18 | tee ada.password | millrace user passwd ada'],
    failure: 'there is no such user, or the password is too short',
  });
}

const pathOf = (name: string): string => `/api/users/${encodeURIComponent(name)}`;

// ── What is said of a user ───────────────────────────────────────────────────────────────────────────────────────────

interface Said {
  readonly role?: string;
  readonly name?: string;
  readonly email?: string;
  readonly mailbox?: Grant[];
  readonly team?: Grant[];
  readonly mailboxes?: boolean;
  readonly teams?: boolean;
}

const described = (command: Command): Command =>
  command
    .addOption(
      new Option('--role <role>', 'what he may do; who is added is a viewer unless it is given').choices(roles),
    )
    .option('--name <name>', 'as people call him')
    .option('--email <address>', 'by which the provider names him')
    .option('--mailbox <address[:bodies]>', 'whose mail he sees, and with :bodies reads; may be repeated', grants)
    .option('--team <name[:bodies]>', 'the same of a team’s mail; may be repeated', grants);

const saidOf = ({ role, name, email, mailbox, team, mailboxes, teams }: Said) => ({
  ...{ role, name, email },
  mailboxes: mailboxes === false ? [] : mailbox,
  teams: teams === false ? [] : team,
});

function grants(text: string, before: readonly Grant[] = []): Grant[] {
  const [name = '', right, ...rest] = text.split(':');
  if (name === '' || rest.length > 0 || (right !== undefined && right !== 'bodies')) {
    throw new InvalidArgumentError('a name, and :bodies where the mails may be read too');
  }
  return [...before, { name, bodies: right === 'bodies' }];
}

// ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────────────

function tell(user: User, done: string, { json }: { json?: boolean }): void {
  if (json) printJson(user);
  else print(`${done} ${printable(user.user_id)}, role ${user.role}, ${user.state}`);
}

const heading = ['user', 'role', 'state', 'password', 'email', 'name', 'mailboxes', 'teams'];
const rowOf = ({ user_id, role, state, has_password, email, name, mailboxes, teams }: User): string[] => [
  ...[user_id, role, state, has_password ? 'yes' : 'no', email, name],
  ...[grantsText(mailboxes), grantsText(teams)],
];
const grantsText = (all: readonly Grant[]): string =>
  all.map(({ name, bodies }) => (bodies ? `${name}:bodies` : name)).join(' ');

/**
 * Runs statements with a users.xml's grants, and prints a JSON array of their outcomes: null, or the error's message. The engine
 * in process signs in as `default` alone, so the user is put in its place. Usage: as-user.mjs DIR USERS_XML USER < statements.json
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'chdb';

const [dir, users_path, user] = process.argv.slice(2);
const base = '<profiles><default/></profiles><quotas><default/></quotas><users/>';
mkdirSync(join(dir, 'users.d'), { recursive: true });
writeFileSync(
  join(dir, 'config.xml'),
  `<clickhouse><users_config>${join(dir, 'users.xml')}</users_config></clickhouse>`,
);
writeFileSync(join(dir, 'users.xml'), `<clickhouse>${base}</clickhouse>`);

const [before, users] = readFileSync(users_path, 'utf8').replace('<default remove="remove"/>', '').split('<users>');
const renamed = users
  .replace(`<${user}>`, '<default>')
  .replace(`</${user}>`, '</default>')
  .replaceAll(/<password from_env="\w+"\/>/g, '<password></password>');
writeFileSync(join(dir, 'users.d', 'tested.xml'), `${before}<users>${renamed}`);

const session = new Session(join(dir, 'store'), { connectionArgs: [`--config-file=${join(dir, 'config.xml')}`] });
const outcomes = JSON.parse(readFileSync(0, 'utf8')).map(statement => {
  try {
    session.query(statement, 'TSV');
    return null;
  } catch (error) {
    return error.message;
  }
});
// The engine's threads would keep the process.
process.stdout.write(JSON.stringify(outcomes), () => process.exit());

/** The first administrator of an installation, where its configuration names his password. */
import type { Logger } from '../../lib/log.ts';
import type { Directory } from './directory.ts';
import { hashPassword } from './passwords.ts';
import { created, newUser } from './users.ts';

const user_id = 'admin';

/** Adds him where there is no user at all. Of several instances the first does. */
export async function addFirstAdmin(directory: Directory, password: string | undefined, log: Logger): Promise<void> {
  if (password === undefined) return;
  try {
    await directory.loaded();
    if (isSettled(directory)) return;
    const asked = newUser.parse({ user_id, role: 'admin', password });
    const password_hash = await hashPassword(password);
    await directory.change(() =>
      isSettled(directory) ? {} : { users: [created(asked, password_hash, undefined, directory.users())] },
    );
    log.info({ user_id }, 'the first administrator was added');
  } catch (error) {
    log.error({ error }, 'the first administrator was not added: the next start tries again');
  }
}

/** A password in the configuration must bring nobody back who was removed. */
const isSettled = (directory: Directory): boolean => !directory.users()[Symbol.iterator]().next().done;

/** Seeded records of many owners, handed to an instance, and who may see what of them, said without the code that is tested. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Grant, Owner } from '../schemas/generated.ts';
import { freshDir, type Instance, until } from './instance.ts';
import { randomOf } from './mails.ts';
import { grant, type NewUser, type People } from './people.ts';

export type Owned = Pick<Owner, 'mailbox' | 'owner_id' | 'team_id'>;

export interface OwnedMail {
  readonly id: string;
  /** Of each delivery, the first one first. */
  readonly owners: readonly Owned[];
}

/** In the body of every mail that is somebody's, and in what could not be read; nowhere else. */
export const canary = 'zyxcanaryword';
/** In the subject of every mail, and in its body. */
export const subject_word = 'harbourmaster';
export const body_word = 'lighthousekeeper';

export const mailboxes = ['one', 'two', 'three', 'four'].map(name => `${name}@acme.example`);
const teams = ['blue', 'red', "green'); DROP TABLE messages; --"];
const owner_ids = ['u0', 'u1', 'u2', 'somebody-else'];
const nobody: Owned = { mailbox: '', owner_id: '', team_id: '' };
const mails_count = 28;

export const isNobodys = ({ mailbox, owner_id, team_id }: Owned): boolean => `${mailbox}${owner_id}${team_id}` === '';

/** What docs say of a user: nobody's, his own, and what was granted; with bodies where these were. */
export const sees = (user: NewUser, owned: Owned, bodies = false): boolean => {
  const has = (grants: readonly Grant[] | undefined, name: string): boolean =>
    (grants ?? []).some(one => one.name === name && (one.bodies || !bodies));
  return (
    user.role === 'admin' ||
    isNobodys(owned) ||
    owned.owner_id === user.user_id ||
    has(user.mailboxes, owned.mailbox) ||
    has(user.teams, owned.team_id)
  );
};
export const seesMail = (user: NewUser, { owners }: OwnedMail, bodies = false): boolean =>
  owners.some(owned => sees(user, owned, bodies));

/** The first are those that the data names; the last has every grant and no body. */
export function usersOf(seed: number, count: number): NewUser[] {
  const random = randomOf(seed);
  const some = (names: readonly string[]): Grant[] =>
    names.filter(() => random() < 0.4).map(name => grant(name, random() < 0.5));
  const users = Array.from({ length: count }, (_, n): NewUser => {
    const role = ['user', 'viewer', 'manager'][n % 3] as string;
    return { user_id: `u${n}`, role, mailboxes: n === 0 ? [] : some(mailboxes), teams: n === 0 ? [] : some(teams) };
  });
  const all = (names: readonly string[], bodies: boolean): Grant[] => names.map(name => grant(name, bodies));
  return [
    ...users,
    { user_id: 'reads-all', role: 'viewer', mailboxes: all(mailboxes, true), teams: all(teams, true) },
    { user_id: 'boss', role: 'admin' },
    { user_id: 'reads-none', role: 'manager', mailboxes: all(mailboxes, false), teams: all(teams, false) },
  ];
}

export async function handIn(instance: Instance, people: People, seed: number): Promise<OwnedMail[]> {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const owned = (): Owned => ({
    mailbox: pick(['', ...mailboxes]),
    owner_id: pick(['', ...owner_ids]),
    team_id: pick(['', ...teams]),
  });
  const handInMail = async (n: number, first: Owned): Promise<OwnedMail> => {
    const secret = isNobodys(first) ? '' : canary;
    const mail = {
      // Of some, neither a header nor the address says who and of what company they are.
      sender: n % 7 === 6 ? `person-${n}@gmail.com` : `person-${n % 7}@customer.example`,
      recipients: ['desk@acme.example'],
      subject: `${subject_word} ${n}`,
      content: `${body_word} ${secret} number${n}\n\nBest regards,\nAnn X${secret}\nDirector of ${secret}\n${secret} Tools Ltd\n\nOn Monday somebody wrote:\n> ${secret} was quoted`,
      message_id: `mail-${n}@customer.example`,
    };
    const { id } = await people.json<{ id: string }>(people.admin, 'POST', '/api/emails', { ...mail, ...first });
    const owners = [first];
    if (n % 5 === 4) {
      // The same in a further mailbox, which is another's.
      const mailbox = mailboxes.find(name => name !== first.mailbox) ?? '';
      owners.push({ ...nobody, mailbox });
      await people.json(people.admin, 'POST', '/api/emails', { ...mail, mailbox });
    }
    return { id, owners };
  };
  const firsts = Array.from({ length: mails_count }, (_, n) => (n < 3 ? nobody : owned()));
  const mails = await Promise.all(firsts.map((first, n) => handInMail(n, first)));
  for (let n = 0; n < 8; n++) {
    const event = { specversion: '1.0', id: `e-${n}`, source: '/test', type: 'login' };
    const query = new URLSearchParams({ ...(n < 2 ? nobody : owned()) });
    for (const [name, value] of [...query]) if (value === '') query.delete(name);
    await people.json(people.admin, 'POST', `/events?${query}`, {
      ...event,
      data: { email: `person-${n}@customer.example` },
    });
  }
  const files = mkdtempSync(join(freshDir(), 'import-'));
  const imported = async (name: string, text: string, of: Owned): Promise<void> => {
    writeFileSync(join(files, name), text);
    await people.json(people.admin, 'POST', '/api/imports', { paths: [join(files, name)], ...of });
  };
  for (const [n, mailbox] of mailboxes.entries()) {
    const row = `${n},Person,Number,crm-${n}@customer.example\n`;
    await imported(`contacts-${n}.csv`, `Record ID,First Name,Last Name,Email\n${row}`, { ...nobody, mailbox });
    const broken = `From a@customer.example Mon Jan  5 10:00:00 2026\n\n${canary} ${n} is no mail at all\n`;
    await imported(`broken-${n}.mbox`, broken, { ...nobody, mailbox });
    const lines = `{"n": ${n}}\n{"content": "${canary}", ${canary}}\n"${canary}"\n`;
    await imported(`lines-${n}.ndjson`, lines, { ...nobody, mailbox });
  }
  await until('all to have ended', async () => (await instance.run(['reconcile'])).code === 0);
  return mails;
}

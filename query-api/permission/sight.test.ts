import { describe, expect, it } from 'vitest';
import type { Owner } from '../../schemas/generated.ts';
import { sample_organization_id } from '../../schemas/sample.ts';
import { everything, type Grants, sightOf } from './sight.ts';

const owner = (of: Partial<Owner> = {}): Owner => ({
  organization_id: 'default',
  mailbox: '',
  owner_id: '',
  team_id: '',
  ...of,
});
const grants = (of: Partial<Grants>): Grants => ({ mailboxes: [], teams: [], ...of });
const lower = ['manager', 'user', 'viewer'] as const;

const ofOthers = [
  owner({ mailbox: 'eve@acme.example' }),
  owner({ owner_id: 'eve' }),
  owner({ team_id: 'red' }),
  owner({ mailbox: 'eve@acme.example', owner_id: 'eve', team_id: 'red' }),
];

describe('a sight', () => {
  it('of an administrator is everything, with every body', () => {
    const sight = sightOf('ada', 'admin', grants({ mailboxes: [{ name: 'x@y', bodies: false }] }));
    expect(sight).toBe(everything);
    for (const one of [...ofOthers, owner()]) expect([sight.seesRow(one), sight.seesBody(one)]).toEqual([true, true]);
  });

  it.each(lower)('of a %s without grants is what is his own, what is nobody’s, and the sample company', role => {
    const { seesRow, seesBody } = sightOf('ada', role);
    const mine = [owner(), owner({ owner_id: 'ada' }), owner({ owner_id: 'ada', mailbox: 'eve@acme.example' })];
    const sample = ofOthers.map(one => ({ ...one, organization_id: sample_organization_id }));
    for (const one of [...mine, ...sample]) expect([one, seesRow(one), seesBody(one)]).toEqual([one, true, true]);
    for (const one of ofOthers) expect([one, seesRow(one), seesBody(one)]).toEqual([one, false, false]);
  });

  it.each(lower)('of a %s has the mailbox and the team that were granted, and bodies where these were', role => {
    const { seesRow, seesBody } = sightOf(
      'ada',
      role,
      grants({
        mailboxes: [
          { name: 'open@acme.example', bodies: true },
          { name: 'closed@acme.example', bodies: false },
        ],
        teams: [
          { name: 'blue', bodies: true },
          { name: 'green', bodies: false },
        ],
      }),
    );
    const cases: [Partial<Owner>, boolean, boolean][] = [
      [{ mailbox: 'open@acme.example' }, true, true],
      [{ mailbox: 'closed@acme.example' }, true, false],
      [{ team_id: 'blue' }, true, true],
      [{ team_id: 'green' }, true, false],
      // Whichever way it is seen, it is seen.
      [{ team_id: 'green', mailbox: 'open@acme.example' }, true, true],
      [{ team_id: 'blue', mailbox: 'closed@acme.example' }, true, true],
      [{ team_id: 'green', mailbox: 'closed@acme.example', owner_id: 'eve' }, true, false],
      [{ team_id: 'green', mailbox: 'closed@acme.example', owner_id: 'ada' }, true, true],
      // A name of one kind is none of another.
      [{ team_id: 'open@acme.example' }, false, false],
      [{ mailbox: 'blue' }, false, false],
      [{ owner_id: 'blue' }, false, false],
      [{ mailbox: 'OPEN@acme.example' }, false, false],
    ];
    for (const [of, row, body] of cases) {
      expect([of, seesRow(owner(of)), seesBody(owner(of))]).toEqual([of, row, body]);
    }
  });

  it('opens no body of what it does not show', () => {
    const sight = sightOf('ada', 'user', grants({ teams: [{ name: 'blue', bodies: true }] }));
    for (const mailbox of ['', 'eve@acme.example']) {
      for (const owner_id of ['', 'ada', 'eve']) {
        for (const team_id of ['', 'blue', 'red']) {
          const one = owner({ mailbox, owner_id, team_id });
          if (sight.seesBody(one)) expect([one, sight.seesRow(one)]).toEqual([one, true]);
        }
      }
    }
  });
});

describe('the key of a sight', () => {
  const one = grants({
    mailboxes: [
      { name: 'a@acme.example', bodies: true },
      { name: 'b@acme.example', bodies: false },
    ],
  });

  it('is equal for those who see the same, in whichever order it was granted', () => {
    const turned = grants({ mailboxes: [...one.mailboxes].reverse() });
    expect(sightOf('ada', 'user', one).key).toBe(sightOf('ada', 'viewer', turned).key);
    expect(sightOf('root', 'admin').key).toBe(sightOf('ada', 'admin', one).key);
  });

  it('is another wherever anything is seen that was not, or the other way round', () => {
    const keys = [
      sightOf('ada', 'admin'),
      sightOf('ada', 'user'),
      sightOf('eve', 'user'),
      sightOf('ada', 'user', one),
      sightOf('ada', 'user', grants({ mailboxes: one.mailboxes.map(({ name }) => ({ name, bodies: false })) })),
      sightOf('ada', 'user', grants({ mailboxes: one.mailboxes.map(({ name }) => ({ name, bodies: true })) })),
      sightOf('ada', 'user', grants({ mailboxes: one.mailboxes.slice(0, 1) })),
      sightOf('ada', 'user', grants({ teams: one.mailboxes })),
      sightOf('ada', 'user', grants({ mailboxes: [{ name: 'a@acme.example, b@acme.example', bodies: true }] })),
      sightOf('ada', 'user', grants({ mailboxes: [{ name: "a@acme.example', 'b@acme.example", bodies: true }] })),
      sightOf("ada', 'eve", 'user'),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

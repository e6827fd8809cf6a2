import { describe, expect, it } from 'vitest';
import { accountLine, addsUp, forOrganization, organizationsOf, verdict } from './account.ts';
import type { Account, Reconciliation, SourceAccount } from './model.ts';

const account = (part: Partial<Account>): Account => ({
  read: 0,
  stored: 0,
  duplicate: 0,
  dead_letter: 0,
  filtered: 0,
  erased: 0,
  expired: 0,
  in_flight: 0,
  ...part,
});
const source = (organization_id: string, part: Partial<SourceAccount>): SourceAccount => ({
  ...account(part),
  organization_id,
  source: `${organization_id}-mail`,
  connector: 'mbox',
  done: true,
  error: null,
  repeated: 0,
  late: 0,
  balanced: true,
  ...part,
});

const whole: Reconciliation = {
  balanced: true,
  total: account({ read: 1204, stored: 1198, duplicate: 4, dead_letter: 2 }),
  sources: [
    source('sample', { read: 1000, stored: 996, duplicate: 3, dead_letter: 1 }),
    source('acme', { read: 204, stored: 202, duplicate: 1, dead_letter: 1 }),
  ],
};

describe('the reconciliation line', () => {
  it('says where every record went', () => {
    expect(accountLine(whole.total)).toBe('read 1,204 = stored 1,198 + duplicate 4 + dead letter 2 + in flight 0');
  });

  it('names a rare end where it happened', () => {
    expect(accountLine(account({ read: 3, stored: 2, erased: 1 }))).toBe(
      'read 3 = stored 2 + duplicate 0 + dead letter 0 + erased 1 + in flight 0',
    );
  });

  it('does not believe a claim that the numbers contradict', () => {
    expect(verdict(whole)).toBe('balanced');
    expect(verdict({ ...whole, total: { ...whole.total, read: 1205 } })).toBe('unbalanced');
    expect(verdict({ ...whole, balanced: false })).toBe('unbalanced');
  });

  it('tells records on their way from records that are lost', () => {
    const total = { ...whole.total, read: 1210, in_flight: 6 };
    expect(verdict({ ...whole, total })).toBe('settling');
    expect(verdict({ balanced: true, total: account({}), sources: [] })).toBe('nothing');
  });

  it('adds up without an end that the API does not count', () => {
    expect(addsUp(account({ read: 2, stored: 2, erased: Number.NaN, in_flight: Number.NaN }))).toBe(true);
  });
});

describe('forOrganization', () => {
  it('sums the sources of one organisation', () => {
    const part = forOrganization(whole, 'acme');
    expect(part.total).toEqual(account({ read: 204, stored: 202, duplicate: 1, dead_letter: 1 }));
    expect(part.sources).toHaveLength(1);
    expect(forOrganization(whole, undefined)).toBe(whole);
  });

  it('knows the organisations', () => {
    expect(organizationsOf(whole)).toEqual(['acme', 'sample']);
  });
});

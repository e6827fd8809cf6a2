import { describe, expect, it } from 'vitest';
import type { Owner } from '../../schemas/generated.ts';
import { randomOf } from '../../test/mails.ts';
import { all, any, every, isIn, matcherOf, type Predicate, sqlOf } from './predicate.ts';

const hostile = [
  "'",
  "''",
  "' OR 1=1 --",
  '\\',
  "\\'",
  "\\' OR true) -- ",
  '"',
  '`',
  '\n',
  '\r\n',
  '\0',
  "\0' OR true",
  '\t',
  '%',
  '{a:String}',
  '$1',
  '/* */',
  '; DROP TABLE messages',
  'é',
  '\u{1f600}',
  '\u2028',
  '\u02bc OR true',
  '\uff07 OR true',
  '\x1b',
  '\x7f',
  'x'.repeat(100_000),
  "'".repeat(1_000),
];

/** What ClickHouse reads in such a literal: each `\\xHH` is a byte, the rest is itself. */
function literalsIn(sql: string): string[] {
  return Array.from(sql.matchAll(/'((?:[^'\\]|\\x[0-9a-f]{2})*)'/g), ([, text = '']) =>
    Buffer.from(
      text.replace(/\\x([0-9a-f]{2})|[^\\]/g, (one, hex?: string) => hex ?? one.charCodeAt(0).toString(16)),
      'hex',
    ).toString('utf8'),
  );
}

describe('a condition in SQL', () => {
  it.each(hostile.map(value => [JSON.stringify(value).slice(0, 40), value]))('holds %s as a value', (_, value) => {
    const sql = sqlOf(isIn('mailbox', [value, 'other@acme.example']));
    expect(literalsIn(sql)).toEqual([value, 'other@acme.example']);
    // Without its literals nothing of the value is left.
    expect(sql.replace(/'[^']*'/g, '?')).toBe('mailbox IN (?, ?)');
    expect(/^[\x20-\x7e]*$/.test(sql)).toBe(true);
  });

  it('leaves the addresses that people have as they are', () => {
    expect(sqlOf(isIn('mailbox', ['ada.l_1-2@acme.example']))).toBe("mailbox IN ('ada.l_1-2@acme.example')");
  });

  it('of nothing is false, and of no condition true', () => {
    expect(sqlOf(isIn('mailbox', []))).toBe('false');
    expect(sqlOf(any())).toBe('false');
    expect(sqlOf(every())).toBe('true');
    expect(sqlOf(all)).toBe('true');
  });

  it('keeps what belongs together in brackets', () => {
    const [a, b, c] = [isIn('mailbox', ['a']), isIn('owner_id', ['b']), isIn('team_id', ['c'])] as const;
    expect(sqlOf(every(any(a, b), c))).toBe("((mailbox IN ('a') OR owner_id IN ('b')) AND team_id IN ('c'))");
    expect(sqlOf(any(every(a, b), c))).toBe("((mailbox IN ('a') AND owner_id IN ('b')) OR team_id IN ('c'))");
  });
});

const columns = ['organization_id', 'mailbox', 'owner_id', 'team_id'] as const;
const values = ['', 'a', 'b', "'", '\\'];

/** The condition as a server reads it: nothing of matcherOf is in it. */
function truthOf(sql: string, owner: Owner): boolean {
  const text = sql
    .replace(/(\w+) IN \(([^)]*)\)/g, (_, column: keyof Owner, list: string) =>
      String(literalsIn(list).includes(owner[column])),
    )
    .replaceAll('OR', '||')
    .replaceAll('AND', '&&');
  if (!/^(?:true|false|\|\||&&|[() ])*$/.test(text)) throw new Error(`not a condition: ${text}`);
  return Function(`return (${text});`)() as boolean;
}

describe('the matcher', () => {
  it('says of every owner what the condition in SQL says', () => {
    const seed = 4711;
    const random = randomOf(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const made = (depth: number): Predicate => {
      const kind = depth === 0 ? 'in' : pick(['in', 'any', 'every', 'all'] as const);
      if (kind === 'all') return all;
      if (kind === 'in')
        return isIn(
          pick(columns),
          values.filter(() => random() < 0.4),
        );
      const of = Array.from({ length: Math.floor(random() * 4) }, () => made(depth - 1));
      return kind === 'any' ? any(...of) : every(...of);
    };
    let compared = 0;
    for (let round = 0; round < 300; round++) {
      const predicate = made(3);
      const matches = matcherOf(predicate);
      for (let n = 0; n < 20; n++) {
        const owner = Object.fromEntries(columns.map(column => [column, pick(values)])) as unknown as Owner;
        expect(matches(owner), `seed ${seed}: ${sqlOf(predicate)} of ${JSON.stringify(owner)}`).toBe(
          truthOf(sqlOf(predicate), owner),
        );
        compared++;
      }
    }
    expect(compared).toBe(6_000);
  });

  it('takes no value for another that looks alike', () => {
    const matches = matcherOf(isIn('mailbox', ['ada@acme.example']));
    const owner: Owner = { organization_id: '', mailbox: 'ada@acme.example', owner_id: '', team_id: '' };
    expect(matches(owner)).toBe(true);
    for (const mailbox of ['Ada@acme.example', 'ada@acme.example ', 'ada@acme.example\0', 'аda@acme.example', '']) {
      expect(matches({ ...owner, mailbox }), mailbox).toBe(false);
    }
  });
});

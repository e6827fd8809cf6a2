import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Page, pageParameters, pageReply } from './page.ts';
import { parseGiven } from './parameters.ts';
import { beyond, orderBy, type Sortable } from './queries/sort.ts';

const sortable = { columns: { at: 'instant', size: 'number' }, ids: ['id'] } as const satisfies Sortable<string>;
const row = z.object({ id: z.string(), at: z.string(), size: z.number() });
const parameters = z.strictObject(pageParameters(sortable, '-at', row));
const rows = [3, 2, 1].map(at => ({ id: `m${at}`, at: new Date(at).toISOString(), size: at / 2 }));

async function ask(given: Record<string, string>) {
  const seen: unknown[] = [];
  const query = parseGiven(parameters, given);
  const address = { path: '/api/things', query: new URLSearchParams(given) };
  const { body, headers } = await pageReply(address, sortable, query, async (order, rows_max) => {
    seen.push(order.after);
    return rows.slice(0, rows_max);
  });
  return { page: JSON.parse(String(body)) as Page<object>, link: headers?.link, after: seen[0] };
}

describe('a page', () => {
  it('goes on where the one before ended', async () => {
    const first = await ask({ limit: '2' });
    expect(first.page.items).toEqual(rows.slice(0, 2));
    expect(first.after).toBeNull();
    const next = String(first.page.next);
    expect((await ask({ limit: '2', cursor: next })).after).toEqual(['-at', 2, 'm2']);
  });

  it('links to the next one, with what was asked for, and the last one to none', async () => {
    const { link, page } = await ask({ limit: '2', sort: 'size' });
    expect(link).toBe(`</api/things?limit=2&sort=size&cursor=${page.next}>; rel="next"`);
    const last = await ask({ limit: '3' });
    expect(last.page.next).toBeNull();
    expect(last.link).toBeUndefined();
  });

  it('tells the fields that are asked for, and knows no others', async () => {
    const { page } = await ask({ limit: '1', fields: 'size,id' });
    expect(page.items).toEqual([{ id: 'm3', size: 1.5 }]);
    expect(page.next).not.toBeNull();
    for (const fields of ['', 'id,', 'id,colour', '__proto__', 'id size']) {
      expect(() => parseGiven(parameters, { fields }), fields).toThrow(/fields/);
    }
  });

  it('takes no order that it does not have', () => {
    for (const sort of ['id', '--at', '-', 'at,size', 'at DESC']) {
      expect(() => parseGiven(parameters, { sort }), sort).toThrow(/sort/);
    }
  });

  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  it.each([
    ['no base64url', 'a b'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['another shape', encoded({ at: 1 })],
    ['another order', encoded(['at', 1, 'a'])],
    ['too few ids', encoded(['-at', 1])],
    ['too many ids', encoded(['-at', 1, 'a', 'b'])],
    ['a fraction of a millisecond', encoded(['-at', 1.5, 'a'])],
    ['an unsafe number', encoded(['-at', 1e300, 'a'])],
    ['a number for an id', encoded(['-at', 1, 2])],
    ['endless length', 'a'.repeat(10_000)],
    ['no bytes of UTF-8', Buffer.from([0xff, 0xfe]).toString('base64url')],
  ])('refuses a cursor of %s', async (_, cursor) => {
    await expect(ask({ cursor })).rejects.toThrow(/cursor/);
  });
});

describe('an order', () => {
  it('is a total one in either direction', () => {
    expect(orderBy(sortable, { sort: '-at', after: null })).toBe('ORDER BY at DESC, id DESC');
    expect(orderBy(sortable, { sort: 'size', after: null })).toBe('ORDER BY size ASC, id ASC');
    expect(beyond(sortable, { sort: 'size', after: null })).toBeNull();
    expect(beyond(sortable, { sort: 'size', after: ['size', 0.5, 'm1'] })).toEqual({
      sql: '(size, id) > ({after_value:Float64}, {after_id_0:String})',
      params: { after_value: 0.5, after_id_0: 'm1' },
    });
    expect(beyond(sortable, { sort: '-at', after: ['-at', 7, 'm1'] })?.sql).toMatch(/^\(at, id\) < \(fromUnix/);
  });
});

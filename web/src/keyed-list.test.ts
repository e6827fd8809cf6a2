import { describe, expect, it } from 'vitest';
import type { KeyedList, Order } from './keyed-list.ts';
import { append, fromPage, insert, resync } from './keyed-list.ts';

interface Item {
  id: string;
  at: number;
}

const order: Order<Item> = { key: item => item.id, compare: (a, b) => b.at - a.at, items_max: 5 };
const item = (at: number, id = `i${at}`): Item => ({ id, at });
const at = (list: KeyedList<Item>): number[] => list.items.map(each => each.at);

describe('a keyed list', () => {
  const first = fromPage({ items: [item(9), item(7)], next: 'c' }, order);

  it('puts a live record where it belongs', () => {
    expect(at(insert(first, [item(8), item(10)], order))).toEqual([10, 9, 8, 7]);
  });

  it('leaves a record behind the loaded part to the next page', () => {
    expect(at(insert(first, [item(3)], order))).toEqual([9, 7]);
    expect(at(insert({ ...first, next: null }, [item(3)], order))).toEqual([9, 7, 3]);
  });

  it('replaces and moves a record it knows', () => {
    expect(insert(first, [item(11, 'i7')], order).items).toEqual([item(11, 'i7'), item(9)]);
  });

  it('lets go of a record that moved behind the loaded part', () => {
    expect(insert(first, [item(2, 'i9')], order).items).toEqual([item(7)]);
  });

  it('appends the next page without repeating', () => {
    const more = append(insert(first, [item(10)], order), { items: [item(7), item(6)], next: null }, order);
    expect(at(more)).toEqual([10, 9, 7, 6]);
    expect(more.next).toBeNull();
  });

  it('stays within its bound and then has no next page', () => {
    const full = insert(first, [item(20), item(21), item(22), item(23)], order);
    expect(at(full)).toEqual([23, 22, 21, 20, 9]);
    expect(full).toMatchObject({ capped: true, next: null });
    expect(at(insert(full, [item(1)], order))).toEqual([23, 22, 21, 20, 9]);
  });
});

describe('resync', () => {
  const loaded = append(
    fromPage({ items: [item(9), item(8)], next: 'c' }, order),
    { items: [item(7)], next: 'd' },
    order,
  );

  it('joins a page that overlaps and keeps the place in the paging', () => {
    const joined = resync(loaded, { items: [item(10), item(9)], next: 'x' }, order);
    expect(at(joined)).toEqual([10, 9, 8, 7]);
    expect(joined.next).toBe('d');
  });

  it('begins anew where what lies between is unknown', () => {
    const anew = resync(loaded, { items: [item(30), item(29)], next: 'x' }, order);
    expect(at(anew)).toEqual([30, 29]);
    expect(anew.next).toBe('x');
  });

  it('keeps a live record that the page could not read yet', () => {
    const live = insert(fromPage({ items: [item(9)], next: null }, order), [item(10)], order);
    expect(at(resync(live, { items: [item(9), item(8)], next: 'x' }, order))).toEqual([10, 9, 8]);
  });
});

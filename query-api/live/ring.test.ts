import { describe, expect, it, vi } from 'vitest';
import { decodeCursor } from './cursor.ts';
import { Ring } from './ring.ts';
import { Told } from './told.ts';

const owner = { organization_id: 'o', mailbox: '', owner_id: '', team_id: '' };
const content = (size = 10) => ({ size, make: () => null });

const at = (ring: Ring) => decodeCursor('t', ring.cursor);

describe('a ring', () => {
  it('holds the newest, and knows below which offsets it has forgotten', () => {
    const ring = new Ring('t', { 0: 10, 1: 5 }, { entries_max: 3, bytes_max: 1_000 });
    for (const [partition, offset] of [
      [0, 10],
      [1, 5],
      [0, 12],
      [0, 13],
      [1, 7],
    ] as const) {
      ring.push(partition, offset, content());
    }
    expect([ring.start, ring.end]).toEqual([2, 5]);
    expect([2, 3, 4].map(n => ring.at(n).offset)).toEqual([12, 13, 7]);
    expect(() => ring.at(1)).toThrow(RangeError);
    expect(() => ring.at(5)).toThrow(RangeError);
    expect(ring.floor).toEqual({ 0: 11, 1: 6 });
    expect(ring.covers({ 0: 11, 1: 6 })).toBe(true);
    expect(ring.covers({ 0: 10, 1: 6 })).toBe(false);
    expect(ring.covers({ 0: 11 })).toBe(false);
  });

  it('gives each entry the cursor of who has seen it and all before it', () => {
    const ring = new Ring('t', { 0: 10, 1: 5 });
    ring.push(1, 5, content());
    ring.push(0, 11, content());
    expect(decodeCursor('t', ring.at(0).cursor)).toEqual({ 0: 10, 1: 6 });
    expect(decodeCursor('t', ring.at(1).cursor)).toEqual({ 0: 12, 1: 6 });
  });

  it('makes what an entry tells when it is first asked for, and once', () => {
    const ring = new Ring('t', {});
    const make = vi.fn(() => new Told({ id: '1' }, owner));
    ring.push(0, 0, { size: 10, make });
    ring.push(0, 1, { size: 10, make: () => null });
    expect(make).not.toHaveBeenCalled();
    expect([ring.at(0).told?.row, ring.at(0).told?.row]).toEqual([{ id: '1' }, { id: '1' }]);
    expect(make).toHaveBeenCalledTimes(1);
    expect(ring.at(1).told).toBeNull();
  });

  it('goes on past offsets that hold no record, and never back', () => {
    const ring = new Ring('t', { 0: 10 });
    ring.push(0, 12, content());
    ring.advance({ 0: 14, 1: 3 });
    ring.advance({ 0: 11 });
    expect(at(ring)).toEqual({ 0: 14, 1: 3 });
  });

  it('is bounded by the size of what it holds, even of one row', () => {
    const ring = new Ring('t', {}, { entries_max: 1_000, bytes_max: 100 });
    for (let offset = 0; offset < 10; offset++) ring.push(0, offset, content(40));
    expect(ring.end - ring.start).toBe(2);
    ring.push(0, 10, content(510));
    expect([ring.start, ring.end]).toEqual([11, 11]);
    ring.push(0, 11, content());
    expect(ring.at(11).offset).toBe(11);
  });

  it('numbers entries on through many thousands', () => {
    const ring = new Ring('t', {}, { entries_max: 10, bytes_max: 1_000_000 });
    for (let offset = 0; offset < 20_000; offset++) ring.push(0, offset, content());
    expect([ring.start, ring.end]).toEqual([19_990, 20_000]);
    expect(ring.at(19_995).offset).toBe(19_995);
  });
});

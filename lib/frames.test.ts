import { expect, it } from 'vitest';
import { framesOf, piecesOf } from './frames.ts';

it('gives back the pieces, empty ones too', () => {
  const pieces = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(70_000, 7)];
  expect(piecesOf(framesOf(pieces))).toEqual(pieces);
  expect(piecesOf(framesOf([]))).toEqual([]);
});

it.each([1, 3, 6])('refuses a body cut short by %i bytes', cut => {
  const frames = framesOf([Buffer.from('four'), Buffer.from('x')]);
  expect(() => piecesOf(frames.subarray(0, frames.length - cut))).toThrow('in the middle of a frame');
});

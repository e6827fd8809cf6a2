/** Several pieces of bytes in one body, each after its length: four bytes, the most significant first. */
import { Problem } from './problem.ts';

const length_bytes = 4;

export function framesOf(pieces: readonly Uint8Array[]): Buffer {
  const parts = pieces.flatMap(piece => {
    const length = Buffer.allocUnsafe(length_bytes);
    length.writeUInt32BE(piece.length);
    return [length, piece];
  });
  return Buffer.concat(parts);
}

/** Parts of the same memory. Throws Problem 400 where the lengths do not add up. */
export function piecesOf(frames: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const from = at + length_bytes;
    const to = from <= frames.length ? from + frames.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (to > frames.length) throw new Problem(400, 'the body ends in the middle of a frame');
    pieces.push(frames.subarray(from, to));
    at = to;
  }
  return pieces;
}

/**
 * CityHash128 as ClickHouse's block framing has it: version 1.0.2 of Google's CityHash, which later versions changed.
 *
 * Source: https://github.com/ClickHouse/ClickHouse/tree/master/contrib/cityhash102. Names follow it. Every 64-bit sum
 * and product is cut at once: that is the form which the engine of Node computes without big integers.
 */
const k0 = 0xc3a5c85c97cb3127n;
const k1 = 0xb492b66fbe98f273n;
const k2 = 0x9ae16a3b2f90404fn;
const k3 = 0xc949d7c7509e6557n;
const k_mul = 0x9ddfea08eb382d69n;

const add = (a: bigint, b: bigint): bigint => BigInt.asUintN(64, a + b);
const mul = (a: bigint, b: bigint): bigint => BigInt.asUintN(64, a * b);
const rotate = (a: bigint, shift: bigint): bigint =>
  BigInt.asUintN(64, BigInt.asUintN(64, a >> shift) | BigInt.asUintN(64, a << (64n - shift)));
const shiftMix = (a: bigint): bigint => BigInt.asUintN(64, a ^ BigInt.asUintN(64, a >> 47n));

function hashLen16(u: bigint, v: bigint): bigint {
  const a = shiftMix(mul(u ^ v, k_mul));
  return mul(shiftMix(mul(v ^ a, k_mul)), k_mul);
}

/** The hash as 16 bytes: low half, high half, little-endian each. */
export function cityHash128(bytes: Buffer): Buffer {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [low, high] = halves(data);
  const hash = Buffer.alloc(16);
  hash.writeBigUInt64LE(low, 0);
  hash.writeBigUInt64LE(high, 8);
  return hash;
}

type Pair = [low: bigint, high: bigint];

function halves(data: DataView): Pair {
  const { byteLength: length } = data;
  if (length >= 16) return seeded(data, 16, data.getBigUint64(0, true) ^ k3, data.getBigUint64(8, true));
  if (length >= 8) {
    const low = data.getBigUint64(0, true) ^ mul(BigInt(length), k0);
    return seeded(data, length, low, data.getBigUint64(length - 8, true) ^ k1);
  }
  return seeded(data, 0, k0, k1);
}

/** Hashes what stands from `start` on. */
function seeded(data: DataView, start: number, low: bigint, high: bigint): Pair {
  return data.byteLength - start < 128 ? cityMurmur(data, start, low, high) : cityRounds(data, start, low, high);
}

function cityMurmur(data: DataView, start: number, low: bigint, high: bigint): Pair {
  const { byteLength: end } = data;
  const length = end - start;
  const word = (at: number): bigint => data.getBigUint64(at, true);
  let a = low;
  let b = high;
  let c: bigint;
  let d: bigint;
  if (length <= 16) {
    a = mul(shiftMix(mul(a, k1)), k1);
    c = add(mul(b, k1), hashLen0to16(data, start));
    d = shiftMix(add(a, length >= 8 ? word(start) : c));
  } else {
    c = hashLen16(add(word(end - 8), k1), a);
    d = hashLen16(add(b, BigInt(length)), add(c, word(end - 16)));
    a = add(a, d);
    for (let at = start; at < end - 16; at += 16) {
      a = mul(a ^ mul(shiftMix(mul(word(at), k1)), k1), k1);
      b ^= a;
      c = mul(c ^ mul(shiftMix(mul(word(at + 8), k1)), k1), k1);
      d ^= c;
    }
  }
  a = hashLen16(a, c);
  b = hashLen16(d, b);
  return [a ^ b, hashLen16(b, a)];
}

function hashLen0to16(data: DataView, start: number): bigint {
  const length = data.byteLength - start;
  if (length > 8) {
    const b = data.getBigUint64(data.byteLength - 8, true);
    return hashLen16(data.getBigUint64(start, true), rotate(add(b, BigInt(length)), BigInt(length))) ^ b;
  }
  if (length >= 4) {
    const a = BigInt(data.getUint32(start, true));
    return hashLen16(add(BigInt(length), a << 3n), BigInt(data.getUint32(data.byteLength - 4, true)));
  }
  if (length === 0) return k2;
  const y = data.getUint8(start) + data.getUint8(start + (length >> 1)) * 256;
  const z = length + data.getUint8(data.byteLength - 1) * 4;
  return mul(shiftMix(mul(BigInt(y), k2) ^ mul(BigInt(z), k3)), k2);
}

function cityRounds(data: DataView, start: number, low: bigint, high: bigint): Pair {
  const { byteLength: end } = data;
  let x = low;
  let y = high;
  let z = mul(BigInt(end - start), k1);
  let v0 = add(mul(rotate(y ^ k1, 49n), k1), data.getBigUint64(start, true));
  let v1 = add(mul(rotate(v0, 42n), k1), data.getBigUint64(start + 8, true));
  let w0 = add(mul(rotate(add(y, z), 35n), k1), x);
  let w1 = mul(rotate(add(x, data.getBigUint64(start + 88, true)), 53n), k1);

  // A multiple of 128 bytes, 64 at a time; the last two mixing values change places each time.
  const rounds_end = start + Math.floor((end - start) / 128) * 128;
  for (let at = start; at < rounds_end; at += 64) {
    x = mul(rotate(add(add(add(x, y), v0), data.getBigUint64(at + 16, true)), 37n), k1) ^ w1;
    y = mul(rotate(add(add(y, v1), data.getBigUint64(at + 48, true)), 42n), k1) ^ v0;
    z = rotate(z ^ w0, 33n);
    // Weak hash of 32 bytes with two seeds, twice.
    let a = add(mul(v1, k1), data.getBigUint64(at, true));
    let b = rotate(add(add(add(x, w0), a), data.getBigUint64(at + 24, true)), 21n);
    let c = a;
    a = add(add(a, data.getBigUint64(at + 8, true)), data.getBigUint64(at + 16, true));
    v0 = add(a, data.getBigUint64(at + 24, true));
    v1 = add(add(b, rotate(a, 44n)), c);
    a = add(add(z, w1), data.getBigUint64(at + 32, true));
    b = rotate(add(add(y, a), data.getBigUint64(at + 56, true)), 21n);
    c = a;
    a = add(add(a, data.getBigUint64(at + 40, true)), data.getBigUint64(at + 48, true));
    w0 = add(a, data.getBigUint64(at + 56, true));
    w1 = add(add(b, rotate(a, 44n)), c);
    [z, x] = [x, z];
  }

  y = add(y, add(mul(rotate(w0, 37n), k0), z));
  x = add(x, mul(rotate(add(v0, z), 49n), k0));
  for (let done = 0; done < end - rounds_end; ) {
    done += 32;
    const at = end - done;
    y = add(mul(rotate(BigInt.asUintN(64, y - x), 42n), k0), v1);
    w0 = add(w0, data.getBigUint64(at + 16, true));
    x = add(mul(rotate(x, 49n), k0), w0);
    w0 = add(w0, v0);
    const a = add(v0, data.getBigUint64(at, true));
    const b = rotate(add(add(v1, a), data.getBigUint64(at + 24, true)), 21n);
    const sum = add(add(a, data.getBigUint64(at + 8, true)), data.getBigUint64(at + 16, true));
    v0 = add(sum, data.getBigUint64(at + 24, true));
    v1 = add(add(b, rotate(sum, 44n)), a);
  }
  x = hashLen16(x, v0);
  y = hashLen16(y, w0);
  return [add(hashLen16(add(x, v1), w1), y), hashLen16(add(x, w1), add(y, v1))];
}

import { describe, expect, it } from 'vitest';
import { HashIndex } from './hash-index.ts';
import { Phrases } from './phrases.ts';
import { Tokens } from './tokens.ts';

const find = (phrases: readonly string[], text: string): string | null => {
  const tokens = new Tokens().read(text);
  const at = new Phrases(phrases).find(tokens, 0, tokens.count);
  return at < 0 ? null : tokens.textOf(at);
};

describe('Phrases', () => {
  it('finds words that follow each other, whatever marks are between', () => {
    expect(find(['out of office', 'auto reply'], 'I am Out-of-Office now')).toBe('Out');
    expect(find(['out of office', 'auto reply'], 'Auto: reply')).toBe('Auto');
    expect(find(['out of office'], 'out of the office')).toBeNull();
    expect(find(['a b', 'a c'], 'a a c')).toBe('a');
    expect(find(['out of office'], 'out of')).toBeNull();
    expect(find(['RMA-number 12'], 'the rma number: 12')).toBe('rma');
    expect(find(['!'], 'Hello!')).toBeNull();
  });

  it('tells what a text begins with', () => {
    const phrases = new Phrases(['auto reply']);
    expect(phrases.begin(new Tokens().read('Auto reply: hello'))).toBe(true);
    expect(phrases.begin(new Tokens().read('No auto reply'))).toBe(false);
    expect(phrases.begin(new Tokens().read(''))).toBe(false);
  });
});

describe('HashIndex', () => {
  it('finds every hash at its place, and no other', () => {
    const hashes = Array.from({ length: 1_000 }, (_, at) => Math.imul(at + 1, 0x9e3779b1));
    const index = new HashIndex([...hashes, hashes[3]!, 0]);
    hashes.forEach((hash, place) => {
      expect(index.get(hash)).toBe(place);
    });
    expect(index.get(0)).toBe(1_001);
    expect(index.get(7)).toBe(-1);
    expect(new HashIndex([]).get(0)).toBe(-1);
  });
});

/** Seeded mail for tests: the same seed writes the same mbox. */

export interface MboxOptions {
  readonly seed: number;
  readonly count: number;
  /** Every so many mails repeats an earlier Message-ID. */
  readonly duplicate_every?: number;
}

export interface Mbox {
  readonly text: string;
  readonly distinct: number;
  readonly duplicates: number;
}

/** A generator of numbers in [0, 1), after Mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const subjects = ['Invoice 4711 is wrong', 'Great demo, thank you', 'When can we meet?', 'The export fails', 'Renewal'];
const sentences = [
  'I love how fast the answer came.',
  'This is the third time it fails and nobody replies.',
  'Could you send the quote by Friday?',
  'The invoice does not match the order.',
  'We would like to add ten seats.',
];

export function mboxOf({ seed, count, duplicate_every = Number.POSITIVE_INFINITY }: MboxOptions): Mbox {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const parts: string[] = [];
  let duplicates = 0;
  for (let i = 0; i < count; i++) {
    const repeats = i > 0 && i % duplicate_every === 0;
    if (repeats) duplicates++;
    const number = repeats ? i - 1 : i;
    const day = String(1 + (number % 28)).padStart(2, '0');
    parts.push(
      `From sender@example.com Mon Jan ${day} 10:00:00 2024`,
      `Message-ID: <${seed}.${number}@example.com>`,
      `From: Customer ${number % 40} <customer${number % 40}@client${(number % 40) % 7}.example>`,
      'To: support@company.example',
      `Subject: ${pick(subjects)}`,
      `Date: Mon, ${day} Jan 2024 10:00:00 +0000`,
      '',
      ...Array.from({ length: 3 }, () => pick(sentences)),
      '',
      '',
    );
  }
  return { text: parts.join('\n'), distinct: count - duplicates, duplicates };
}

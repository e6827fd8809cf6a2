/** Statements made of others by small changes, the same ones for the same seed. */

export interface MutationOptions {
  readonly seed: number;
  readonly count: number;
  readonly attacks: readonly string[];
  readonly questions: readonly string[];
}

const steps_max = 4;
const blanks = [
  ' ',
  '\n',
  '\t',
  '\u00a0',
  '\u2003',
  '/**/',
  '/* c */',
  '-- c\n',
  '# c\n',
  '/* /* n */ */',
  '\ufeff',
  '\r\n',
];

export function* mutations({ seed, count, attacks, questions }: MutationOptions): Generator<string> {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const any = (): string => pick(random() < 0.6 ? attacks : questions);
  for (let i = 0; i < count; i++) {
    let text = any();
    for (let step = Math.ceil(random() * steps_max); step > 0; step--)
      text = pick(changes)(text, { random, pick, any });
    yield text;
  }
}

interface Means {
  random(): number;
  pick<T>(list: readonly T[]): T;
  any(): string;
}
type Change = (text: string, means: Means) => string;

const pieces = (text: string): string[] => text.match(/'(?:[^'\\]|\\.)*'|`[^`]*`|"[^"]*"|\w+|\s+|./gsu) ?? [];
const isWord = (piece: string): boolean => /^\w+$/.test(piece);

/** One of the pieces that fit becomes another. */
const at =
  (fits: (piece: string) => boolean, change: (piece: string, means: Means) => string): Change =>
  (text, means) => {
    const all = pieces(text);
    const places = all.flatMap((piece, i) => (fits(piece) ? [i] : []));
    if (places.length === 0) return text;
    const place = means.pick(places);
    all[place] = change(all[place] ?? '', means);
    return all.join('');
  };
const around =
  (before: string, after: string): Change =>
  text =>
    `${before}${text.replace(/;\s*$/, '')}${after}`;

const changes: readonly Change[] = [
  (text, { random }) => Array.from(text, char => (random() < 0.5 ? char.toUpperCase() : char.toLowerCase())).join(''),
  at(isWord, piece => piece.toUpperCase()),
  at(isWord, piece => piece.toLowerCase()),
  at(
    piece => /^\s+$/.test(piece),
    (_, { pick }) => pick(blanks),
  ),
  at(
    piece => /^[(),.=]$/.test(piece),
    (piece, { pick }) => `${pick(blanks)}${piece}${pick(blanks)}`,
  ),
  at(isWord, piece => `\`${piece}\``),
  at(isWord, piece => `"${piece}"`),
  at(isWord, piece => `\u201c${piece}\u201d`),
  at(isWord, piece => `\`\\x${piece.charCodeAt(0).toString(16)}${piece.slice(1)}\``),
  at(isWord, piece => `\`${piece}\n\``),
  at(
    piece => piece.startsWith("'"),
    piece => `$$${piece.slice(1, -1)}$$`,
  ),
  at(
    piece => piece.startsWith("'"),
    piece => `$t$${piece.slice(1, -1)}$t$`,
  ),
  at(
    piece => piece.startsWith("'"),
    piece => `\u2018${piece.slice(1, -1)}\u2019`,
  ),
  at(
    piece => piece.startsWith("'"),
    piece => `concat(${piece}, '')`,
  ),
  at(isWord, (piece, { any, pick }) => pick(pieces(any())) ?? piece),
  at(
    () => true,
    () => '',
  ),
  at(
    () => true,
    piece => `${piece}${piece}`,
  ),
  at(
    () => true,
    (piece, { any, pick }) => `${piece} ${pick(pieces(any()))} `,
  ),
  (text, { any, random }) => {
    const [mine, other] = [pieces(text), pieces(any())];
    return [...mine.slice(0, random() * mine.length), ...other.slice(random() * other.length)].join('');
  },
  (text, { any }) => `${text} UNION ALL ${any()}`,
  (text, { any }) => `${text}; ${any()}`,
  (text, { any }) => `WITH w AS (${any()}) ${text}`,
  (text, { any }) => `${text} AND 1 IN (${any()})`,
  around('SELECT * FROM (', ')'),
  around('SELECT (', ')'),
  around('SELECT 1 IN (', ')'),
  around('WITH t AS (', ') SELECT * FROM t'),
  around('SELECT * FROM view(', ')'),
  around('SELECT EXISTS(', ')'),
  around('SELECT * FROM numbers(1) AS n LEFT JOIN (', ') AS j ON 1 = 1'),
  around('SELECT toString(*) FROM (', ')'),
  around('SELECT * APPLY toString FROM (', ')'),
  around('EXPLAIN ', ''),
  around('EXPLAIN AST ', ''),
  around('EXPLAIN QUERY TREE ', ''),
  around('EXPLAIN SYNTAX ', ''),
  around('DESCRIBE (', ')'),
  around('(', ')'),
  around('', ' FORMAT JSON'),
  around('', ' SETTINGS max_threads = 1'),
  around('', " INTO OUTFILE 'DIR/m'"),
  around('', ' --'),
  around('', ';'),
  around('/*', '*/ SELECT 1'),
  (text, { random }) => text.slice(0, random() * text.length),
];

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

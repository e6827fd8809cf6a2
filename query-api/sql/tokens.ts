/**
 * The tokens of a statement as the engine itself writes it (`formatQuerySingleLine`): no comment, no heredoc, one kind of
 * quotes, one line. Whatever does not look like that is refused rather than understood.
 */

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol';
  readonly text: string;
  /** Of a word or a quoted identifier its name; else the text. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A quoted identifier holds no escape: the engine's dump of a syntax tree writes names as they are, and one with a line break
 * would look like nodes of its own.
 */
const token =
  /(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<quoted>`[^`\\\p{Cc}]*`)|(?<string>'(?:[^'\\]|\\.)*')|(?<number>0x[0-9a-f.]+(?:p[+-]?\d+)?|\d+(?:\.\d*)?(?:e[+-]?\d+)?)|(?<symbol>->|::|[-()[\]{},.:+*/%=<>!?|^&])/iuy;
const hidden = /^(?:--|\/\*|\/\/)/;

/** null where it is no text of the engine's. */
export function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ') at++;
    if (at === text.length) return tokens;
    token.lastIndex = at;
    const groups = token.exec(text)?.groups;
    if (groups === undefined || hidden.test(text.slice(at, at + 2))) return null;
    const [kind, found] = Object.entries(groups).find(([, value]) => value !== undefined) as [Token['kind'], string];
    const name = kind === 'quoted' ? found.slice(1, -1) : found;
    tokens.push({ kind, text: found, name, start: at, end: at + found.length });
    at += found.length;
  }
}

export function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toUpperCase());
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol;
}

export function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

/** The place behind the bracket that closes the one at `at`. */
export function endOfBrackets(tokens: readonly Token[], at: number): number {
  let depth = 0;
  for (let i = at; i < tokens.length; i++) {
    const { kind, text } = tokens[i] as Token;
    if (kind !== 'symbol') continue;
    if (text === '(' || text === '[' || text === '{') depth++;
    if (text === ')' || text === ']' || text === '}') depth--;
    if (depth === 0) return i + 1;
  }
  return tokens.length;
}

/** Texts with named entities, as the WNUT task has them: a token a line, a tab and its label (B-TYPE, I-TYPE, O); an empty line between texts. */
import { readFileSync } from 'node:fs';

export interface Span {
  readonly type: string;
  /** UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export interface AnnotatedText {
  /** The tokens with a space between each. */
  readonly text: string;
  readonly spans: readonly Span[];
}

export function readConll(path: string): AnnotatedText[] {
  const texts: AnnotatedText[] = [];
  let text = '';
  let spans: Span[] = [];
  const close = (): void => {
    if (text !== '') texts.push({ text, spans });
    text = '';
    spans = [];
  };
  for (const line of readFileSync(path, 'utf8').split(/\r?\n/)) {
    const [token = '', label = 'O'] = line.split('\t');
    if (token.trim() === '') {
      close();
      continue;
    }
    if (text !== '') text += ' ';
    const start = text.length;
    text += token;
    const type = label.slice(2);
    const last = spans.at(-1);
    if (label.startsWith('B-')) spans.push({ type, start, end: text.length });
    else if (label.startsWith('I-') && last !== undefined) spans[spans.length - 1] = { ...last, end: text.length };
  }
  close();
  return texts;
}

/**
 * HTML as plain text, in one pass over the tokens and linear in the input: no tree is built, so neither a million
 * nested elements nor a million unclosed ones cost more than their bytes.
 */
import { Tokenizer } from 'htmlparser2';

/** Their content is not for reading. */
const dropped = new Set(['script', 'style', 'title', 'noscript', 'template', 'svg', 'object', 'select']);
/** What may be hidden: elements that an end tag always ends, or whatever stands behind one would be dropped with it. */
const hideable = new Set('div span table center font a section h1 h2 h3 b i em strong'.split(' '));
/** They begin and end a line. */
const blocks = new Set(
  (
    'address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer ' +
    'form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody tfoot thead tr ul'
  ).split(' '),
);
/** They have an empty line before and after. */
const paragraphs = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'ul', 'ol', 'table']);

/**
 * The text of the first characters of an HTML document: at most `characters_max` of text (and it stops reading there).
 * What mail clients mark as a quotation has `> ` before each line, as in plain text.
 */
export function htmlToText(html: string, characters_max: number): string {
  const out = new TextLines();
  let tag = '';
  let attribute = '';
  let value = '';
  let attributes: Record<string, string> = {};
  /** The dropped element that is open, and how deep in elements of its own name. */
  let skipped: { name: string; depth: number } | null = null;
  let preformatted = 0;
  /** For each open blockquote, whether it is a quotation. */
  const blockquotes: boolean[] = [];

  function open(isEmpty = false): void {
    if (skipped !== null) {
      if (tag === skipped.name) skipped.depth++;
      return;
    }
    if (dropped.has(tag) || (!isEmpty && hideable.has(tag) && isHidden(attributes))) {
      skipped = { name: tag, depth: 1 };
      return;
    }
    if (tag === 'br') out.newLine();
    else if (tag === 'td' || tag === 'th') out.space();
    else if (tag === 'img' && !isFileName(attributes.alt ?? '')) out.words(attributes.alt ?? '');
    else if (blocks.has(tag)) out.block(paragraphs.has(tag));
    if (tag === 'li') out.words('- ');
    if (tag === 'pre') preformatted++;
    if (tag === 'blockquote' && blockquotes.length < blockquotes_max) {
      blockquotes.push(isQuotation(attributes));
      out.quoted = blockquotes.includes(true);
    }
  }

  function close(name: string): void {
    if (skipped !== null) {
      if (name === skipped.name && --skipped.depth === 0) skipped = null;
      return;
    }
    if (blocks.has(name)) out.block(false);
    if (name === 'pre') preformatted = Math.max(0, preformatted - 1);
    if (name === 'blockquote') {
      blockquotes.pop();
      out.quoted = blockquotes.includes(true);
    }
    // After the element: the empty line below a quotation is not part of it.
    if (paragraphs.has(name)) out.block(true);
  }

  function text(words: string): void {
    if (skipped !== null) return;
    if (preformatted > 0) out.preformatted(words);
    else out.words(words);
    if (out.size >= characters_max) tokenizer.pause();
  }

  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext: (start, end) => text(html.slice(start, end)),
      ontextentity: codepoint => text(String.fromCodePoint(codepoint)),
      onopentagname(start, end) {
        tag = html.slice(start, end).toLowerCase();
        attributes = {};
      },
      onattribname(start, end) {
        attribute = html.slice(start, end).toLowerCase();
        value = '';
      },
      onattribdata(start, end) {
        if (value.length < attribute_characters_max) value += html.slice(start, end);
      },
      onattribentity(codepoint) {
        if (value.length < attribute_characters_max) value += String.fromCodePoint(codepoint);
      },
      onattribend() {
        if (attributes_read.has(attribute)) attributes[attribute] ??= value;
      },
      onopentagend: () => open(),
      onselfclosingtag: () => open(true),
      onclosetag: (start, end) => close(html.slice(start, end).toLowerCase()),
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onprocessinginstruction: ignore,
      onend: ignore,
    },
  );
  tokenizer.write(html);
  if (tokenizer.running) tokenizer.end();
  return out.end().slice(0, characters_max);
}

const attribute_characters_max = 1_000;
const attributes_read = new Set(['alt', 'type', 'class', 'cite', 'style', 'hidden']);
/** Deeper ones are not told apart. */
const blockquotes_max = 100;

function ignore(): void {}

/** Composers put the file's name where a description belongs. */
function isFileName(alt: string): boolean {
  return /^\S+\.[a-z]{3,4}$/i.test(alt);
}

/** Not shown by any reader: preheaders, and words that are there for filters. */
function isHidden({ style = '', hidden }: Record<string, string>): boolean {
  return (
    hidden !== undefined || /(?:^|[;\s])(?:display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden)/i.test(style)
  );
}

/** Newsletters use blockquote to indent; mail clients mark theirs. */
function isQuotation(attributes: Record<string, string>): boolean {
  return attributes.type === 'cite' || attributes.cite !== undefined || /quote/i.test(attributes.class ?? '');
}

class TextLines {
  quoted = false;
  /** Characters so far. */
  size = 0;
  #lines: string[] = [];
  #line = '';
  #pendingSpace = false;

  words(text: string): void {
    for (const piece of text.split(/([ \t\r\n\f]+)/)) {
      if (piece === '') continue;
      if (/^[ \t\r\n\f]/.test(piece)) this.space();
      else this.#append(piece);
    }
  }

  preformatted(text: string): void {
    const [first = '', ...rest] = text.split(/\r?\n/);
    this.#append(first);
    for (const line of rest) {
      this.newLine();
      this.#append(line);
    }
  }

  space(): void {
    this.#pendingSpace = true;
  }

  newLine(): void {
    const line = this.#line.trimEnd();
    this.#lines.push(this.quoted ? `> ${line}`.trimEnd() : line);
    this.#line = '';
    this.#pendingSpace = false;
    // A line break counts too, or a million of them would pass every bound.
    this.size++;
  }

  /** Begins a line of its own, after an empty one where `apart`. */
  block(apart: boolean): void {
    if (this.#line.trim() !== '') this.newLine();
    else this.#line = '';
    this.#pendingSpace = false;
    const last = this.#lines.at(-1);
    if (apart && last !== undefined && last !== '' && last !== '>') {
      this.#lines.push(this.quoted ? '>' : '');
      this.size++;
    }
  }

  end(): string {
    this.newLine();
    return this.#lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
  }

  #append(text: string): void {
    if (text === '') return;
    if (this.#pendingSpace && this.#line !== '') {
      this.#line += ' ';
      this.size++;
    }
    this.#pendingSpace = false;
    this.#line += text;
    this.size += text.length;
  }
}

/** A text as the sentiment model reads it: words marked where they are negated, names and numbers as the kinds of thing they are. */
import { hashPair } from '../hash.ts';
import { HashIndex } from '../hash-index.ts';
import { flag, hashOf, kind, type Tokens, text_read_chars_max } from '../tokens.ts';

/** A negation reaches to the next mark, at most this many words. */
const negation_words_max = 4;
const negated_salt = 0x4e45;

const negations = hashes(`not no never none nothing nobody nowhere neither nor cannot cant wont dont
  didnt doesnt isnt wasnt arent werent shouldnt wouldnt couldnt hasnt havent hadnt aint without hardly barely rarely`);
/** Where the negations end, the words begin that turn what is said: one look-up a word tells both. */
const turns_at = negations.length;
const marked = new HashIndex([...negations, ...hashes('but however although though yet')]);
/** By kind of token; 0 where the token stands for itself. */
const placeholders = new Int32Array(16);
placeholders[kind.handle] = placeholders[kind.address] = hashOf('@handle');
placeholders[kind.url] = hashOf('http://url');
placeholders[kind.number] = hashOf('0');

/** The terms of one stretch of tokens after another; arrays are valid up to `count`, until the next `read`. */
export class Terms {
  count = 0;
  /** How many of them are words. */
  words = 0;
  /** A term's hash; a negated word's is another than the word's. */
  readonly term = new Int32Array(text_read_chars_max + 1);
  /** The token it was made of. */
  readonly token = new Int32Array(text_read_chars_max + 1);
  readonly negated = new Uint8Array(text_read_chars_max + 1);

  read(tokens: Tokens, from: number, to: number): this {
    let reach = 0;
    this.count = this.words = 0;
    for (let at = from; at < to; at++) {
      const what = tokens.kind[at]!;
      let negated = 0;
      let hash = placeholders[what]! || tokens.hash[at]!;
      if (what === kind.word) {
        this.words++;
        const place = marked.get(hash);
        const turn = place >= turns_at;
        const negates = (place >= 0 && !turn) || endsInNot(tokens, at);
        negated = reach > 0 && !negates && !turn ? 1 : 0;
        if (negated === 1) hash = hashPair(hash, negated_salt);
        reach = negates ? negation_words_max : turn ? 0 : reach - 1;
      } else if (what === kind.punctuation || what === kind.paragraph) reach = 0;
      if (what === kind.paragraph) continue;
      this.negated[this.count] = negated;
      this.token[this.count] = at;
      this.term[this.count++] = hash;
    }
    return this;
  }
}

function endsInNot(tokens: Tokens, token: number): boolean {
  const end = tokens.end[token]!;
  if (!tokens.has(token, flag.apostrophe) || end - tokens.start[token]! < 4) return false;
  return (tokens.text.charCodeAt(end - 1) | 0x20) === 0x74 && (tokens.text.charCodeAt(end - 3) | 0x20) === 0x6e;
}

function hashes(words: string): number[] {
  return words.split(/\s+/).map(hashOf);
}

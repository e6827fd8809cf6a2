/** Where a CSV record ends: at a line feed that no quotes enclose (RFC 4180). A quote opens a cell only at its beginning. */
const quote = 0x22;
const newline = 0x0a;
const carriage_return = 0x0d;

/** Where a record ends in a chunk, from an offset on; -1 where it goes on. */
export type EndIn = (chunk: Buffer, from: number) => number;

/** Finds line feeds across chunks; each call goes on where the last one ended. */
export function recordEnds(delimiter: string): EndIn {
  const separator = delimiter.charCodeAt(0);
  let quoted = false;
  let atStart = true;
  return (chunk, from) => {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      // A doubled quote closes and opens again.
      if (byte === quote && (quoted || atStart)) {
        quoted = !quoted;
        atStart = !quoted;
      } else if (!quoted) {
        if (byte === newline) {
          atStart = true;
          return at;
        }
        atStart = byte === separator || (atStart && byte === carriage_return);
      }
    }
    return -1;
  };
}

/** The same, counting lines for people: a record is several where a cell holds line feeds. `line` is the first one's number. */
export function numbered(endIn: EndIn, line: number): { endIn: EndIn; begun(): number; next(): number } {
  let begun = line;
  let next = line;
  let isOpen = false;
  return {
    endIn(chunk, from) {
      if (!isOpen) begun = next;
      const end = endIn(chunk, from);
      const stop = end < 0 ? chunk.length : end + 1;
      for (let at = chunk.indexOf(newline, from); at >= 0 && at < stop; at = chunk.indexOf(newline, at + 1)) next++;
      isOpen = end < 0;
      return end;
    },
    /** The line on which the record began that `endIn` was in last. */
    begun: () => begun,
    /** The line after it. */
    next: () => next,
  };
}

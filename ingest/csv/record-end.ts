/** Where a CSV record ends: at a line feed that no quotes enclose (RFC 4180). A quote opens a cell only at its beginning. */
const quote = 0x22;
const newline = 0x0a;
const carriage_return = 0x0d;

/** Finds line feeds across chunks; each call goes on where the last one ended. */
export function recordEnds(delimiter: string): (chunk: Buffer, from: number) => number {
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

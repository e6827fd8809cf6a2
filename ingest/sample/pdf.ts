/** A scanned page: a PDF whose only content is a picture, so nothing but reading the picture finds the words. */
import { deflateSync } from 'node:zlib';

const glyph_width = 5;
const glyph_height = 7;
const pixels_per_dot = 6;
const margin_dots = 8;
/** Shades of grey, as a scanner sees them. */
const paper = 0xf4;
const ink = 0x20;

/** Five columns by seven rows, a row a number. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  ' ': [0, 0, 0, 0, 0, 0, 0],
  '.': [0, 0, 0, 0, 0, 12, 12],
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 2, 4, 8, 31],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  L: [16, 16, 16, 16, 16, 16, 31],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  V: [17, 17, 17, 17, 17, 10, 4],
};

/** One page with the lines in capitals; a character without a glyph is left blank. */
export function scannedPdf(lines: readonly string[]): Buffer {
  const columns = Math.max(...lines.map(line => line.length)) * (glyph_width + 1) + 2 * margin_dots;
  const rows = lines.length * (glyph_height + 4) + 2 * margin_dots;
  const width = columns * pixels_per_dot;
  const height = rows * pixels_per_dot;
  const picture = Buffer.alloc(width * height, paper);
  for (const { column, row } of dotsOf(lines)) {
    const x = column * pixels_per_dot;
    for (let y = row * pixels_per_dot; y < (row + 1) * pixels_per_dot; y++)
      picture.fill(ink, y * width + x, y * width + x + pixels_per_dot);
  }
  return pdfOf(picture, width, height);
}

function* dotsOf(lines: readonly string[]): Generator<{ column: number; row: number }> {
  for (const [line, text] of lines.entries())
    for (const [position, character] of [...text].entries())
      for (const [glyphRow, bits] of (glyphs[character] ?? []).entries())
        for (let column = 0; column < glyph_width; column++)
          if ((bits & (1 << (glyph_width - 1 - column))) !== 0)
            yield {
              column: margin_dots + position * (glyph_width + 1) + column,
              row: margin_dots + line * (glyph_height + 4) + glyphRow,
            };
}

function pdfOf(picture: Buffer, width: number, height: number): Buffer {
  const packed = deflateSync(picture);
  const content = `q ${width / 2} 0 0 ${height / 2} 0 0 cm /Scan Do Q`;
  const image =
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray ` +
    `/BitsPerComponent 8 /Filter /FlateDecode /Length ${packed.length}`;
  const objects: Buffer[] = [
    Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
    Buffer.from('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    Buffer.from(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width / 2} ${height / 2}] /Contents 4 0 R ` +
        '/Resources << /XObject << /Scan 5 0 R >> >> >>',
    ),
    Buffer.from(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`),
    Buffer.concat([Buffer.from(`<< ${image} >>\nstream\n`), packed, Buffer.from('\nendstream')]),
  ];
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const offsets: number[] = [];
  const size = () => parts.reduce((sum, part) => sum + part.length, 0);
  objects.forEach((object, index) => {
    offsets.push(size());
    parts.push(Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n'));
  });
  const table = offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}` +
        `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${size()}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

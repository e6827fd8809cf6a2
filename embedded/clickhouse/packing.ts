/** How an answer's bytes are packed: an HTTP content coding, or ClickHouse's own blocks. */
import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { constants, createBrotliCompress, createDeflate, createGzip } from 'node:zlib';
import { Blocks, createLz4Frame, zstdStored } from './blocks.ts';
import { BlockWriter } from './framing.ts';

/** In the order of what they cost us. */
const CODINGS = ['lz4', 'gzip', 'zstd', 'br', 'deflate'] as const;
export type Coding = (typeof CODINGS)[number];
export type Packing = Coding | 'blocks' | 'none';

/** `compress=1` asks for blocks; a content coding takes both `enable_http_compression=1` and the client's header. */
export function packingOf(request: IncomingMessage, search: URLSearchParams): Packing {
  if (search.get('compress') === '1') return 'blocks';
  if (search.get('enable_http_compression') !== '1') return 'none';
  const accepted = String(request.headers['accept-encoding'] ?? '')
    .split(',')
    .map(each =>
      each
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/),
    )
    .filter(([, quality = '']) => !/^q=0(\.0*)?$/.test(quality))
    .map(([name]) => name);
  return CODINGS.find(coding => accepted.includes(coding)) ?? 'none';
}

/** null where the bytes go out as they are. Rows that the engine has compressed already need no zstd of ours. */
export function createPacker(packing: Packing): Transform | null {
  switch (packing) {
    case 'blocks':
      return new BlockWriter();
    case 'lz4':
      return createLz4Frame();
    case 'gzip':
      return createGzip({ level: 3 });
    case 'deflate':
      return createDeflate({ level: 3 });
    case 'br':
      return createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
    case 'zstd':
      return new Blocks({ block: zstdStored });
    case 'none':
      return null;
  }
}

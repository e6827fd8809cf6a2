/** A statement and its parameters, out of the places where ClickHouse's clients put them. */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { unframed } from '../../lib/clickhouse-blocks.ts';
import { messageOf } from '../../lib/errors.ts';
import type { HttpRequest } from '../../lib/http.ts';
import { quote, type Refusal, refuse } from './refusal.ts';

export interface Given {
  readonly text: string;
  readonly params: ReadonlyMap<string, string>;
}

const text_bytes_max = 1_048_576;

/** The `query` parameter and the body are one text, as ClickHouse joins them; in a form the body holds parameters too. */
export async function readRequest(request: HttpRequest): Promise<Given | Refusal> {
  const params = new Map<string, string>();
  const repeated = take(params, request.query);
  if (repeated) return repeated;
  const query = request.query.get('query') ?? '';
  const bytes = request.method === 'POST' ? await bodyOf(request) : Buffer.alloc(0);
  if ('code' in bytes) return bytes;
  const type = request.headers.get('content-type') ?? '';
  const form = /^multipart\/form-data/i.test(type) ? fieldsOf(bytes, type) : null;
  if (form && 'code' in form) return form;
  const refused = form && take(params, form);
  if (refused) return refused;
  const body = form ? (form.get('query') ?? '') : bytes.toString();
  const text = form && body !== '' ? body : [query, form ? '' : body].filter(part => part !== '').join('\n');
  if (text.includes('\uFFFD')) return refuse('SYNTAX_ERROR', 'Syntax error: the query is not UTF-8');
  // The engine takes a text to end there.
  const ended = [text, ...params.values()].some(each => each.includes('\0'));
  if (ended) return refuse('SYNTAX_ERROR', 'Syntax error: the query contains a NUL character');
  return { text, params };
}

const name_form = /^[A-Za-z_][A-Za-z0-9_.]*$/;

/** Which of two values of one name counts is not the same everywhere. */
function take(params: Map<string, string>, entries: Iterable<[string, string]>): Refusal | null {
  for (const [field, value] of entries) {
    if (!field.startsWith('param_')) continue;
    const name = field.slice('param_'.length);
    if (!name_form.test(name)) return refuse('BAD_ARGUMENTS', `Bad parameter name ${quote(name)}`);
    if (params.has(name)) return refuse('BAD_ARGUMENTS', `The parameter ${name} is given twice`);
    params.set(name, value);
  }
  return null;
}

/** Without its codings: what clients pack a statement in, which for zstd is none of them. */
async function bodyOf({ headers, query, body }: HttpRequest): Promise<Buffer | Refusal> {
  const coding = (headers.get('content-encoding') ?? '').toLowerCase();
  const options = { maxOutputLength: text_bytes_max };
  const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    '': bytes => bytes,
    identity: bytes => bytes,
    gzip: bytes => gunzipSync(bytes, options),
    'x-gzip': bytes => gunzipSync(bytes, options),
    deflate: bytes => inflateSync(bytes, options),
    br: bytes => brotliDecompressSync(bytes, options),
  };
  const decode = decoders[coding];
  if (!decode) {
    return refuse(
      'UNKNOWN_COMPRESSION_METHOD',
      `A query comes as it is, or in gzip, deflate or br; not in ${quote(coding)}`,
    );
  }
  const bytes = await body();
  try {
    const plain = bytes.length === 0 ? bytes : decode(bytes);
    return query.get('decompress') === '1' && plain.length > 0 ? unframed(plain, text_bytes_max) : plain;
  } catch (error) {
    return refuse('CANNOT_DECOMPRESS', `Cannot decompress the query: ${messageOf(error)}`);
  }
}

function fieldsOf(body: Buffer, content_type: string): Map<string, string> | Refusal {
  const boundary = /boundary="?([^";]+)"?/i.exec(content_type)?.[1];
  if (!boundary) return refuse('BAD_ARGUMENTS', 'multipart/form-data names no boundary');
  const fields = new Map<string, string>();
  for (const part of body.toString().split(`--${boundary}`).slice(1, -1)) {
    const [head = '', ...rest] = part.replace(/^\r\n/, '').split('\r\n\r\n');
    const name = /\bname="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined || /filename\*?=/i.test(head) || (name !== 'query' && !name.startsWith('param_'))) {
      return refuse('NOT_IMPLEMENTED', 'External tables are not supported');
    }
    if (fields.has(name)) return refuse('BAD_ARGUMENTS', `The field ${quote(name)} is given twice`);
    fields.set(name, rest.join('\r\n\r\n').replace(/\r\n$/, ''));
  }
  return fields;
}

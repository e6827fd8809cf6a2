/**
 * The built page. Its files are read once, at the start: a request names an entry of a table, never a path, so there is
 * nothing to climb out of.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { MillraceError } from '../../lib/errors.ts';
import { etagOf, isKnown } from '../../lib/etag.ts';
import { type HttpRequest, Problem, type Reply } from '../../lib/http.ts';
import type { ApiRoute } from '../auth/access.ts';

const files_max = 1_000;
const bytes_max = 64 * 1_048_576;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

// Nothing inline, nothing from elsewhere. A mail's text is shown on this page: whatever slips through must not run.
const content_security_policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const security_headers = {
  'content-security-policy': content_security_policy,
  'x-content-type-options': 'nosniff',
  // The page's address may hold a token.
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

interface PageFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface BuiltPage {
  index(request: HttpRequest): Promise<Reply>;
  readonly routes: readonly ApiRoute[];
}

/** Throws MillraceError `page` where the folder holds more than a page could. A missing folder is answered per request. */
export function loadPage(web_dir: string): BuiltPage {
  const files = readFiles(web_dir);
  const index = async (request: HttpRequest): Promise<Reply> => {
    const file = files.get('/index.html');
    if (file === undefined) throw new Problem(404, 'the page is not built; `npm run build` builds it');
    return replyWith(file, request);
  };
  const asset = async (request: HttpRequest): Promise<Reply> => {
    const file = files.get(request.path);
    if (file === undefined) throw new Problem(404, `there is nothing at ${request.path}`);
    return replyWith(file, request);
  };
  const docs = async (request: HttpRequest): Promise<Reply> => asset({ ...request, path: '/docs.html' });
  return {
    index,
    routes: [
      { method: 'GET', path: '/docs', access: 'open', handler: docs },
      { method: 'GET', path: '/*', access: 'open', handler: asset },
    ],
  };
}

function replyWith({ bytes, headers }: PageFile, request: HttpRequest): Reply {
  const known = isKnown(headers.etag ?? '', request.headers.get('if-none-match'));
  return known ? { status: 304, headers } : { status: 200, headers, body: bytes };
}

function readFiles(web_dir: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  let read_bytes = 0;
  for (const path of pathsIn(web_dir)) {
    read_bytes += statSync(path).size;
    if (files.size >= files_max || read_bytes > bytes_max) {
      throw new MillraceError('page', `${web_dir} holds more than ${files_max} files or ${bytes_max} bytes`);
    }
    const name = `/${relative(web_dir, path).split(sep).map(encodeURIComponent).join('/')}`;
    files.set(name, fileOf(name, readFileSync(path)));
  }
  return files;
}

function pathsIn(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
    return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The build puts a hash of the content into the names under assets/: such a file never changes. */
function fileOf(name: string, bytes: Buffer): PageFile {
  const hashed = /^\/assets\/.+-[\w-]{8,}\.\w+$/.test(name);
  return {
    bytes,
    headers: {
      ...security_headers,
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: etagOf(bytes),
    },
  };
}

/** The HTTP client of the commands: finds the instance, signs in, turns problems into errors. */
import { MillraceError, messageOf } from '../lib/errors.ts';

export interface ImportRequest {
  readonly connector?: 'sample';
  readonly paths?: readonly string[];
  /** How the rows of CSV files are read, parsed already. */
  readonly mapping?: object;
  readonly exclude_folders?: readonly string[];
  readonly organization_id?: string;
  readonly mailbox?: string;
  readonly owner_id?: string;
  readonly team_id?: string;
}

export interface StartedSource {
  readonly organization_id: string;
  readonly source: string;
  readonly started_at_ms: number;
}

export interface SourceRow {
  organization_id: string;
  source: string;
  connector: string;
  done: boolean;
  error: string | null;
  read_at: string;
  read: number;
  stored: number;
  duplicate: number;
  dead_letter: number;
  filtered: number;
  erased: number;
  expired: number;
  in_flight: number;
  repeated: number;
  /** Stored, but after the minute it belongs to had closed. */
  late: number;
  balanced: boolean;
}

/** How far a source has been read. */
export interface ImportRow {
  organization_id: string;
  source: string;
  done: boolean;
  /** In the unpacked bytes of a file that is read in order; null elsewhere. */
  offset: number | null;
}

export interface Reconciliation {
  balanced: boolean;
  total: Record<string, number>;
  sources: SourceRow[];
}

/** The records that lie in a topic, held against its table's rows. */
export interface TopicRow {
  topic: string;
  table: string;
  records: number;
  rows: number;
  dead_letter: number;
  missing: number | null;
  repeated: number;
  balanced: boolean;
}

export interface Client {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** The raw answer, for what is streamed through. */
  request(path: string, init: RequestInit): Promise<Response>;
  startImport(request: ImportRequest): Promise<{ sources: StartedSource[] }>;
  reconciliation(): Promise<Reconciliation>;
  token(): Promise<string>;
}

export interface ClientOptions {
  readonly url: string;
  token(): Promise<string>;
  /** Aborted where the person who waits has had enough. */
  readonly signal?: AbortSignal;
}

export function createClient({ url, token, signal }: ClientOptions): Client {
  async function request(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${await token()}` };
    let response: Response;
    try {
      response = await fetch(new URL(path, url), { ...(signal ? { signal } : {}), ...init, headers });
    } catch (error) {
      if (signal?.aborted) throw interrupted();
      throw new MillraceError(
        'unreachable',
        `nothing answers at ${url}: ${messageOf((error as Error).cause ?? error)}`,
        {
          retryable: true,
          remedy: 'start it with `npm start`, or name another with --url',
        },
      );
    }
    return response;
  }

  async function json<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await request(path, init);
    const text = await response.text();
    // 204 has nothing to tell.
    if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
    throw problemOf(response.status, text);
  }

  const send: Client['send'] = (method, path, body) =>
    json(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });

  return {
    url,
    token,
    request,
    send,
    get: path => json(path),
    startImport: body => send('POST', '/api/imports', body),
    reconciliation: () => json('/api/reconciliation'),
  };
}

export const interrupted = (): MillraceError => new MillraceError('interrupted', 'interrupted');

export function problemOf(status: number, text: string): MillraceError {
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string };
    return new MillraceError(`http.${status}`, problem.detail ?? problem.title ?? text);
  } catch {
    return new MillraceError(`http.${status}`, text.trim() || `HTTP ${status}`);
  }
}

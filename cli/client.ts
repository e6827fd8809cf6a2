/** The HTTP client of the commands: finds the instance, signs in, turns problems into errors. */
import { MillraceError, messageOf } from '../lib/errors.ts';

export interface ImportRequest {
  readonly connector?: 'sample';
  readonly paths?: readonly string[];
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
  balanced: boolean;
}

export interface Reconciliation {
  balanced: boolean;
  total: Record<string, number>;
  sources: SourceRow[];
}

export interface Client {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  /** The raw answer, for what is streamed through. */
  request(path: string, init: RequestInit): Promise<Response>;
  startImport(request: ImportRequest): Promise<{ sources: StartedSource[] }>;
  reconciliation(): Promise<Reconciliation>;
  token(): Promise<string>;
}

export function createClient({ url, token }: { url: string; token: () => Promise<string> }): Client {
  async function request(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${await token()}` };
    let response: Response;
    try {
      response = await fetch(new URL(path, url), { ...init, headers });
    } catch (error) {
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
    if (response.ok) return JSON.parse(text) as T;
    throw problemOf(response.status, text);
  }

  return {
    url,
    token,
    request,
    get: path => json(path),
    startImport: body =>
      json('/api/imports', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    reconciliation: () => json('/api/reconciliation'),
  };
}

export function problemOf(status: number, text: string): MillraceError {
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string };
    return new MillraceError(`http.${status}`, problem.detail ?? problem.title ?? text);
  } catch {
    return new MillraceError(`http.${status}`, text.trim() || `HTTP ${status}`);
  }
}

/** Faults as HTTP tells them: RFC 9457 problem details. */
import { STATUS_CODES } from 'node:http';
import { MillraceError } from './errors.ts';

/** Thrown by a handler to answer with a fault. `detail` is read by the client: never put a secret in it. */
export class Problem extends Error {
  readonly status: number;
  /** Members beside type, title, status and detail. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    options: { members?: Readonly<Record<string, unknown>>; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }
}

export interface ProblemReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function problemReply({ status, message, members, headers }: Problem): ProblemReply {
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ type: 'about:blank', title, status, detail: message, ...members }),
  };
}

/** The problem behind any error. What a bug says of itself is for the log, not for the client. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof MillraceError && error.retryable) {
    return new Problem(503, `${error.code} does not answer at the moment`, { headers: { 'retry-after': '1' } });
  }
  return new Problem(500, 'the request failed; the log says why');
}

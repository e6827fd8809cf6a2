/** Typed requests to the API. Faults arrive as RFC 9457 problems and leave as one ApiError. */
import * as decode from './decode.ts';
import type {
  Conversation,
  Customer,
  CustomerDetail,
  DeadLetter,
  Mail,
  MailDetail,
  MailFeedback,
  Me,
  Metrics,
  Page,
  Reconciliation,
  Saying,
  Trace,
} from './model.ts';
import type { Credentials } from './session.ts';
import { SessionEnded } from './session.ts';

/** How long one request may take. The slowest, a full-text search of everything, answers well within it. */
export const request_timeout_ms = 20_000;

const removal_timeout_ms = 120_000;

export type Query = Record<string, string | number | undefined>;

export interface MailQuery extends Query {
  organization_id?: string;
  category?: string;
  sentiment?: string;
  q?: string;
  limit?: number;
  cursor?: string;
}

export interface CustomerQuery extends Query {
  organization_id?: string;
  outcome?: 'won' | 'lost' | 'open';
  q?: string;
  sort?: '-score' | '-last_seen_at';
  limit?: number;
  cursor?: string;
}

export interface ConversationQuery extends Query {
  organization_id?: string;
  waiting?: 'us' | 'them' | 'nobody';
  limit?: number;
  cursor?: string;
}

export interface MetricsQuery extends Query {
  organization_id?: string;
  /** ISO 8601. */
  from?: string;
  to?: string;
}

/** `status` is 0 where no answer came: no network, no server, or out of time. */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly retryable: boolean;

  constructor(status: number, title: string, detail: string) {
    super(detail === '' ? title : `${title}: ${detail}`);
    this.name = 'ApiError';
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.retryable = status === 0 || status === 429 || status >= 500;
  }
}

export interface Api {
  emails(query: MailQuery, signal?: AbortSignal): Promise<Page<Mail>>;
  email(email_id: string, signal?: AbortSignal): Promise<MailDetail>;
  customers(query: CustomerQuery, signal?: AbortSignal): Promise<Page<Customer>>;
  /** One person may be a customer of several organisations, hence both. */
  customer(person_id: string, organization_id: string, signal?: AbortSignal): Promise<CustomerDetail>;
  /** Those that wait longest first. */
  conversations(query: ConversationQuery, signal?: AbortSignal): Promise<Page<Conversation>>;
  /** What is said in one. */
  sayings(of: Pick<Conversation, 'conversation_id' | 'organization_id'>, signal?: AbortSignal): Promise<Saying[]>;
  metrics(query: MetricsQuery, signal?: AbortSignal): Promise<Metrics>;
  reconciliation(organization_id: string | undefined, signal?: AbortSignal): Promise<Reconciliation>;
  deadLetters(organization_id: string | undefined, signal?: AbortSignal): Promise<Page<DeadLetter>>;
  trace(record_id: string, signal?: AbortSignal): Promise<Trace>;
  /** Durable once it resolves; the models learn from it. */
  feedback(email_id: string, feedback: MailFeedback): Promise<void>;
  /** Who has signed in. */
  me(signal?: AbortSignal): Promise<Me>;
  /** Takes until nothing of it is in flight. */
  removeOrganization(organization_id: string): Promise<void>;
}

export interface ApiOptions {
  credentials: Pick<Credentials, 'token' | 'renewed'>;
  /** Called where no token is taken any more, before the request rejects; not for one that was aborted. */
  onUnauthorized(reason: string): void;
  fetch?: typeof globalThis.fetch;
}

interface Sending {
  method?: string;
  /** Sent as JSON. */
  body?: unknown;
  timeout_ms?: number;
}

export function createApi({ credentials, onUnauthorized, fetch = globalThis.fetch.bind(globalThis) }: ApiOptions): Api {
  async function get<T>(path: string, query: Query, decodeBody: (body: unknown) => T, signal?: AbortSignal) {
    const response = await send(path + queryString(query), signal);
    if (!response.ok) throw await refusal(response, signal);
    return decodeBody(await body(response));
  }

  async function refusal(response: Response, signal?: AbortSignal): Promise<ApiError> {
    const error = await problem(response);
    // Once one 401 has ended the session the others are aborted, and have no reason of their own to tell.
    if (error.status === 401 && signal?.aborted !== true) onUnauthorized(error.detail || error.title);
    return error;
  }

  async function send(url: string, signal?: AbortSignal, options: Sending = {}): Promise<Response> {
    const token = await credentials.token().catch(error => giveUp(error, signal));
    const response = await sendWith(token, url, signal, options);
    if (response.status !== 401) return response;
    // It may have ended on the way, or a moment before its time. What it was refused for is the better reason to tell.
    const next = await credentials.renewed(token).catch(error => {
      if (error instanceof SessionEnded) return null;
      throw error;
    });
    return next === null ? response : sendWith(next, url, signal, options);
  }

  function giveUp(error: unknown, signal?: AbortSignal): never {
    if (!(error instanceof SessionEnded)) throw error;
    if (signal?.aborted !== true) onUnauthorized(error.message);
    throw new ApiError(401, 'Signed out', error.message);
  }

  async function sendWith(
    token: string,
    url: string,
    signal: AbortSignal | undefined,
    { method = 'GET', body, timeout_ms = request_timeout_ms }: Sending,
  ): Promise<Response> {
    const timeout = AbortSignal.timeout(timeout_ms);
    try {
      return await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        cache: 'no-store',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      // The caller's own abort is no fault: it passes through for the caller to ignore.
      if (signal?.aborted) throw error;
      if (timeout.aborted) throw new ApiError(0, 'No answer', `none within ${timeout_ms / 1000} s`);
      throw new ApiError(0, 'Millrace cannot be reached', 'is it still running?');
    }
  }

  return {
    emails: (query, signal) => get('/api/emails', query, decode.page(decode.mail), signal),
    email: (id, signal) => get(`/api/emails/${encodeURIComponent(id)}`, {}, decode.mailDetail, signal),
    customers: (query, signal) => get('/api/customers', query, decode.page(decode.customer), signal),
    customer: (id, organization_id, signal) =>
      get(`/api/customers/${encodeURIComponent(id)}`, { organization_id }, decode.customerDetail, signal),
    conversations: (query, signal) => get('/api/conversations', query, decode.page(decode.conversation), signal),
    sayings: ({ conversation_id, organization_id }, signal) =>
      get(`/api/conversations/${encodeURIComponent(conversation_id)}`, { organization_id }, decode.sayings, signal),
    metrics: (query, signal) => get('/api/metrics', query, decode.metrics, signal),
    reconciliation: (organization_id, signal) =>
      get('/api/reconciliation', { organization_id }, decode.reconciliation, signal),
    deadLetters: (organization_id, signal) =>
      get('/api/dead-letters', { organization_id }, decode.page(decode.deadLetter), signal),
    trace: (id, signal) => get(`/api/trace/${encodeURIComponent(id)}`, {}, decode.trace, signal),
    me: signal => get('/api/session', {}, decode.me, signal),
    async feedback(id, feedback) {
      const options = { method: 'POST', body: feedback };
      const response = await send(`/api/emails/${encodeURIComponent(id)}/feedback`, undefined, options);
      if (!response.ok) throw await refusal(response);
    },
    async removeOrganization(id) {
      const options = { method: 'DELETE', timeout_ms: removal_timeout_ms };
      const response = await send(`/api/organizations/${encodeURIComponent(id)}`, undefined, options);
      if (!response.ok) throw await refusal(response);
    },
  };
}

/** Leaves out what is undefined or empty, so that "all" is never sent as an empty filter. */
export function queryString(query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [[key, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

async function body(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new ApiError(response.status, 'Unreadable answer', 'the body is not JSON');
  }
}

/** Not every fault is a problem: a proxy in between answers in HTML, of which only the status is worth showing. */
export async function problem(response: Response): Promise<ApiError> {
  const fields = await response.json().then(decode.row, () => ({}) as Record<string, unknown>);
  const title = decode.text(fields.title) || response.statusText || `HTTP ${response.status}`;
  return new ApiError(response.status, title, decode.text(fields.detail));
}

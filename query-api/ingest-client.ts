/** The ingest role as the API sees it: it takes mails and imports on the callers' behalf. */
import { z } from 'zod';
import { messageOf } from '../lib/errors.ts';
import { framesOf } from '../lib/frames.ts';
import { gather } from '../lib/gather.ts';
import type { HttpRequest, Reply } from '../lib/http.ts';
import { jsonOf, Problem } from '../lib/http.ts';
import { endToEnd, forward, textOf } from '../lib/http-proxy.ts';
import { parseJson } from '../lib/json.ts';
import type { Tracer } from '../lib/traces.ts';
import type { Owner } from '../schemas/generated.ts';

export interface Accepted {
  readonly record_id: string;
  readonly organization_id: string;
  readonly source: string;
  readonly sequence: number;
  /** Of what was handed in. */
  readonly original_sha256: string;
}

/** A dead letter with what to replay in place of its original bytes, in Base64; null for these. */
export interface LetterSent {
  readonly letter: object;
  readonly bytes_base64: string | null;
}

/** Passed on as ingest told it. */
export type ReplayOutcome = Readonly<Record<string, unknown>>;

export interface IngestClient {
  /**
   * Resolves once the mail is durable; `traceparent` is of the span that this is part of. Throws Problem: ingest's own for a mail
   * it refuses, 502 to 504 otherwise.
   */
  submit(mail: Buffer, traceparent?: string): Promise<Accepted>;
  /** Resolves once the CRM change is durable; what it says as a line of NDJSON does. Throws Problem 502 to 504. */
  change(change: object, owner: Owner): Promise<{ record_id: string }>;
  /** What became of each letter, or would become, in their order. Throws Problem 502 to 504. */
  replay(action: 'preview' | 'replay', letters: readonly LetterSent[], signal: AbortSignal): Promise<ReplayOutcome[]>;
  /** Stops the organisation's sources and forgets them. Throws Problem 502. */
  removeOrganization(organization_id: string): Promise<void>;
  /** Hands the request's body on and the answer back; of its headers the content type and those named. */
  pass(request: HttpRequest, path: string, passed?: (name: string) => boolean): Promise<Reply>;
  /** The same as the sender's own: nothing is added that would vouch for it. */
  passUnsigned(request: HttpRequest, path: string): Promise<Reply>;
  isHealthy(): Promise<boolean>;
}

const answer_ms_max = 30_000;
const health_ms_max = 2_000;

const accepted = z.object({
  record_id: z.string(),
  organization_id: z.string(),
  source: z.string(),
  sequence: z.int(),
  original_sha256: z.string(),
});
const changed = z.object({ record_id: z.string() });
const answers = z.object({ answers: z.array(z.unknown()) });
const outcomes = z.object({ items: z.array(z.record(z.string(), z.unknown())) });
const refusal = z.object({
  problem: z.object({ status: z.int(), detail: z.string(), faults: z.unknown().optional() }),
});

/** Mails that are handed in at nearly the same time go to ingest in one request: it costs more than what ingest does with one. */
const gathering = { ms: 5, items_max: 500, bytes_max: 1024 * 1024, bytesOf: (mail: Buffer) => mail.length };

export function createIngestClient(url: string, token: string, tracer: Tracer | null = null): IngestClient {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const handOn = (request: HttpRequest, path: string, sent: Record<string, string>): Promise<Reply> =>
    forward({
      url: new URL(path, url),
      method: request.method,
      headers: sent,
      body: request.stream(),
      signal: request.signal,
      answer_ms_max,
    });
  /** Not ended by any one caller's going: the others wait for it too. */
  async function submitAll(mails: readonly Buffer[]): Promise<readonly unknown[]> {
    const { status, body } = await forward({
      url: new URL('/emails', url),
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      body: framesOf(mails),
      signal: new AbortController().signal,
      answer_ms_max,
    });
    const parsed = parseJson(await textOf(body).catch(unanswered));
    const answer = answers.safeParse('value' in parsed ? parsed.value : null);
    if (status === 200 && answer.data?.answers.length === mails.length) return answer.data.answers;
    throw new Problem(status === 503 ? 503 : 502, `ingest answered ${status}`);
  }

  const ask = gather({ ...gathering, call: submitAll });
  return {
    async submit(mail, traceparent) {
      const span = traceparent === undefined ? null : tracer?.begin('ingest /emails', 'client', traceparent);
      if (!span) return acceptedOf(await ask(mail));
      try {
        // In the mail and not in a header: mails of several traces go in one request.
        const accepted = acceptedOf(await ask(withMember(mail, 'traceparent', span.traceparent)));
        span.end();
        return accepted;
      } catch (error) {
        span.end({}, 'refused');
        throw error;
      }
    },
    async change(change, { organization_id, owner_id, team_id }) {
      const { status, body } = await forward({
        url: new URL(`/changes?${new URLSearchParams({ organization_id, owner_id, team_id })}`, url),
        method: 'POST',
        headers,
        body: Buffer.from(JSON.stringify(change)),
        signal: new AbortController().signal,
        answer_ms_max,
      });
      const parsed = parseJson(await textOf(body).catch(unanswered));
      const answer = changed.safeParse('value' in parsed ? parsed.value : null);
      if (status === 200 && answer.success) return answer.data;
      throw new Problem(status === 503 ? 503 : 502, `ingest answered ${status}`);
    },
    async replay(action, letters, signal) {
      const { status, body } = await forward({
        url: new URL(`/dead-letters/${action}`, url),
        method: 'POST',
        headers,
        body: Buffer.from(JSON.stringify({ letters })),
        signal,
        answer_ms_max,
      });
      const parsed = parseJson(await textOf(body).catch(unanswered));
      const answer = outcomes.safeParse('value' in parsed ? parsed.value : null);
      if (status !== 200 || !answer.success) throw new Problem(502, `ingest answered ${status}`);
      return answer.data.items;
    },
    async removeOrganization(organization_id) {
      const response = await fetch(new URL(`/organizations/${encodeURIComponent(organization_id)}`, url), {
        method: 'DELETE',
        headers,
        signal: AbortSignal.timeout(answer_ms_max),
      }).catch(unanswered);
      await response.arrayBuffer();
      if (!response.ok) throw new Problem(502, `ingest answered ${response.status}`);
    },
    pass: (request, path, passed = () => false) =>
      handOn(request, path, {
        ...Object.fromEntries([...request.headers].filter(([name]) => passed(name))),
        ...headers,
        'content-type': request.headers.get('content-type') ?? 'application/json',
      }),
    passUnsigned: (request, path) => handOn(request, path, endToEnd(Object.fromEntries(request.headers))),
    async isHealthy() {
      const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(health_ms_max) });
      await response.arrayBuffer();
      return response.ok;
    },
  };
}

/** The mail, which is JSON, with one member more. Throws Problem 400 where it is none; what is no object is told by ingest. */
export function withMember(body: Buffer, name: string, value: string): Buffer {
  const mail = jsonOf(body);
  if (typeof mail !== 'object' || mail === null || Array.isArray(mail)) return body;
  return Buffer.from(JSON.stringify({ ...mail, [name]: value }));
}

function unanswered(error: unknown): never {
  throw new Problem(502, `ingest does not answer: ${messageOf(error)}`);
}

/** What ingest finds wrong with a mail is the caller's matter; what it finds wrong with us is not. */
function acceptedOf(answer: unknown): Accepted {
  const taken = accepted.safeParse(answer);
  if (taken.success) return taken.data;
  const refused = refusal.safeParse(answer);
  if (!refused.success) throw new Problem(502, 'ingest answered something else');
  const { status, detail, faults } = refused.data.problem;
  if (status >= 400 && status < 500)
    throw new Problem(status, detail, faults === undefined ? {} : { members: { faults } });
  throw new Problem(status === 503 ? 503 : 502, `ingest answered ${status}`);
}

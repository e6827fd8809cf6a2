/** Links by which anybody reads the answer to one question, as its maker sees it at that moment. */
import { z } from 'zod';
import { type HttpRequest, json, Problem, type Reply } from '../../lib/http.ts';
import { createRateLimiter } from '../../lib/rate-limit.ts';
import type { Question, Share } from '../../schemas/generated.ts';
import { addressOf, type Caller, may, spend } from '../auth/access.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { Audit } from '../identity/audit.ts';
import type { Directory } from '../identity/directory.ts';
import { isThere } from '../identity/users.ts';
import type { Databases } from '../permission/databases.ts';
import type { Library } from '../questions/library.ts';
import { maySee } from '../questions/questions.ts';
import type { Runner } from '../questions/runner.ts';
import {
  isOpen,
  madeBy,
  madeShare,
  makerOf,
  newShare,
  secrets,
  shareRow,
  shareSchema,
  shares_max,
} from '../questions/shares.ts';

export interface ShareRoutes {
  readonly library: Library;
  readonly directory: Pick<Directory, 'user' | 'loaded'>;
  readonly runner: Runner;
  readonly databases: Pick<Databases, 'of'>;
  readonly audit: Pick<Audit, 'tell'>;
}

/** A page that is embedded somewhere asks again and again, with as many who look at it. */
const read_limit = { requests_per_second: 5, burst: 30 };
/** Of one address, with secrets that are none. */
const guess_limit = { requests_per_second: 0.2, burst: 10 };

export function shareRoutes(parts: ShareRoutes): DescribedRoute[] {
  const { library, directory } = parts;
  const path = '/api/shares';
  const tag = 'Shares';
  return [
    describe({
      ...{ method: 'GET', path, access: 'read', tag },
      summary: 'Links: one’s own, and everybody’s for who manages users',
      answers: { 200: { description: 'The newest first', schema: z.object({ items: z.array(shareSchema) }) } },
      async handle({ caller }) {
        await library.loaded();
        const seen = [...library.shares()].filter(share => isHis(caller, share));
        return json(200, { items: seen.sort((a, b) => b.created_at_ms - a.created_at_ms).map(shareRow) });
      },
    }),
    describe({
      ...{ method: 'POST', path, access: 'write_own', tag },
      summary: 'Make a link to the answer of a question',
      body: newShare,
      answers: { 201: { description: 'Made', schema: madeShare } },
      problems: [409],
      audited: 'share.create',
      async handle({ body, caller }) {
        const { share, secret } = madeBy(caller.subject, body);
        await library.change(() => {
          requireMakable(share, caller, parts);
          return { shares: [share] };
        });
        const made = { ...shareRow(share), path: `/api/shared/${secret}` };
        return json(201, made, { location: `${path}/${share.share_id}` });
      },
    }),
    describe({
      ...{ method: 'DELETE', path: `${path}/:id`, access: 'read', tag },
      summary: 'Revoke a link',
      answers: { 204: { description: 'Revoked', empty: true } },
      audited: 'share.revoke',
      async handle({ request, caller }) {
        await library.change(() => {
          const share = library.share(request.parameters.id ?? '');
          if (!share || !isHis(caller, share)) throw new Problem(404, 'there is no such link');
          if (share.revoked_at_ms !== null) return {};
          return { shares: [{ ...share, revoked_at_ms: Date.now(), version: share.version + 1 }] };
        });
        return { status: 204 };
      },
    }),
    sharedRoute(parts, () => Promise.all([library.loaded(), directory.loaded()])),
  ];
}

const isHis = (caller: Caller, { maker_id }: Share): boolean =>
  maker_id === caller.subject || may(caller, 'manage_users');

/** Throws Problem 404 or 409. */
function requireMakable({ question_id }: Share, caller: Caller, { library, directory }: ShareRoutes): void {
  const user = directory.user(caller.subject);
  if (!isThere(user)) throw new Problem(409, 'a link speaks for a user, and there is none of this name');
  const question = library.question(question_id);
  if (!question || !maySee(caller, question, user)) throw new Problem(404, 'there is no such question');
  const open = [...library.shares()].filter(share => share.maker_id === caller.subject && isOpen(share));
  if (open.length >= shares_max) throw new Problem(409, `at most ${shares_max} links of one user: revoke some`);
}

// ── What anybody reads ───────────────────────────────────────────────────────────────────────────────────────────────

const shared = z
  .object({
    title: z.string(),
    description: z.string(),
    kind: z.string(),
    visualisation: z.record(z.string(), z.unknown()),
    answer: z.looseObject({}).describe('What the question’s route answers'),
  })
  .meta({ id: 'SharedAnswer' });

function sharedRoute(parts: ShareRoutes, loaded: () => Promise<unknown>): DescribedRoute {
  const { library, runner, audit } = parts;
  const reads = createRateLimiter(read_limit);
  const guesses = createRateLimiter(guess_limit);

  async function read(request: HttpRequest): Promise<Reply> {
    await loaded();
    const secret = request.parameters.secret ?? '';
    const share = library.share(secrets.idIn(secret) ?? '');
    if (!share || !secrets.matches(share.secret_sha256, secret)) {
      spend(guesses, addressOf(request));
      throw nothing();
    }
    spend(reads, share.share_id);
    const { question, caller } = readable(share, parts);
    const { text, headers } = await runner.run(question, caller, { signal: request.signal });
    await audit.tell({
      ...{ actor: share.maker_id, action: 'share.read', object: share.share_id, outcome: 'done' },
      remote_address: request.remote_address,
      details: { question_id: question.question_id },
    });
    const { title, description, kind, visualisation } = question;
    const told = JSON.stringify({ title, description, kind }).slice(0, -1);
    const body = `${told},"visualisation":${visualisation},"answer":${text}}`;
    const common = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    return { status: 200, headers: { ...common, ...headers }, body };
  }

  return describe({
    ...{ method: 'GET', path: '/api/shared/:secret', access: 'open', tag: 'Shares' },
    summary: 'The answer behind a link, as far as its maker sees the data now',
    answers: { 200: { description: 'The question and its answer', schema: shared } },
    problems: [422],
    handle: ({ request }) => read(request),
  });
}

/** Throws Problem 404, the same whatever is missing: the link, its question, its maker, or what he may see. */
function readable(
  share: Share,
  { library, directory, databases }: ShareRoutes,
): { question: Question; caller: Caller } {
  const user = directory.user(share.maker_id);
  const question = library.question(share.question_id);
  if (!isOpen(share) || !question || user?.state !== 'active') throw nothing();
  const caller = makerOf(user, databases, () => directory.user(share.maker_id) === user && isOpen(share));
  if (!maySee(caller, question, user)) throw nothing();
  return { question, caller };
}

const nothing = (): Problem => new Problem(404, 'there is nothing behind this link');

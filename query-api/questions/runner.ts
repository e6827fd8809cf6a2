/** Asks a saved question: as the route that it is a request of, so that it is held to the same contract and seen with the same sight. */
import { type HttpRequest, Problem, type Reply } from '../../lib/http.ts';
import type { Question } from '../../schemas/generated.ts';
import type { Caller } from '../auth/access.ts';
import type { DescribedRoute } from '../contract.ts';
import { parseGiven } from '../parameters.ts';
import { parametersOf } from './questions.ts';

export interface SqlQuestion {
  readonly sql: string;
  /** They fill `{name:Type}` places. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Answers SQL with what the caller sees, as the text of a JSON object. Throws Problem. */
export type RunSql = (question: SqlQuestion, caller: Caller) => Promise<string>;

export interface Runner {
  /** Throws Problem 400 where it cannot be asked so. */
  check(question: Question): void;
  /** The answer as the text of a JSON object, with what its route says in headers. Throws Problem. */
  run(
    question: Question,
    caller: Caller,
    more: { readonly cursor?: string | undefined; readonly signal: AbortSignal },
  ): Promise<Answered>;
}

export interface Answered {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `routes` are those of `/api/metrics` and of the lists, answered from the cache where they can be; null where SQL is not answered. */
export function createRunner(routes: readonly DescribedRoute[], runSql: RunSql | null): Runner {
  const of = new Map(routes.map(route => [route.path, route]));
  function routeOf({ kind, list }: Question): DescribedRoute {
    const route = of.get(kind === 'metrics' ? '/api/metrics' : `/api/${list}`);
    if (route === undefined) throw new Error(`no route answers ${kind} ${list}`);
    return route;
  }

  return {
    check(question) {
      if (question.kind !== 'sql') parseGiven(routeOf(question).contract.query, parametersOf(question));
    },
    async run(question, caller, { cursor, signal }) {
      const parameters = parametersOf(question);
      if (question.kind === 'sql') {
        if (runSql === null) throw new Problem(422, 'SQL is not answered here');
        return { text: await runSql({ sql: question.sql, parameters, signal }, caller), headers: {} };
      }
      const { path, handler } = routeOf(question);
      const query = new URLSearchParams(cursor === undefined ? parameters : { ...parameters, cursor });
      return answeredBy(await handler(requestOf(path, query, signal), caller));
    },
  };
}

function answeredBy({ status, body, headers = {} }: Reply): Answered {
  const isWhole = typeof body === 'string' || body instanceof Uint8Array;
  if (status !== 200 || !isWhole) throw new Error(`a question was answered with ${status}`);
  const told = Object.entries(headers).filter(([name]) => name.startsWith('millrace-'));
  return { text: typeof body === 'string' ? body : new TextDecoder().decode(body), headers: Object.fromEntries(told) };
}

const requestOf = (path: string, query: URLSearchParams, signal: AbortSignal): HttpRequest => ({
  ...{ method: 'GET', path, query, query_text: String(query), headers: new Map(), parameters: {} },
  ...{ signal, remote_address: '', loopback: false, traceparent: undefined },
  body: async () => Buffer.alloc(0),
  async *stream() {},
});

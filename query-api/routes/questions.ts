/** Questions that are saved, shared, and asked again. */
import { z } from 'zod';
import { json, Problem } from '../../lib/http.ts';
import type { Question } from '../../schemas/generated.ts';
import type { Caller } from '../auth/access.ts';
import { type DescribedRoute, describe } from '../contract.ts';
import type { Directory } from '../identity/directory.ts';
import type { Library } from '../questions/library.ts';
import {
  changed,
  created,
  lists,
  mayChange,
  maySee,
  newQuestion,
  questionChange,
  questionRow,
  questionSchema,
  questions_max,
} from '../questions/questions.ts';
import type { Runner } from '../questions/runner.ts';

export interface QuestionRoutes {
  readonly library: Library;
  readonly directory: Pick<Directory, 'user'>;
  readonly runner: Runner;
}

/** The routes that questions are requests of. */
export const askable_paths: ReadonlySet<string> = new Set(['/api/metrics', ...lists.map(list => `/api/${list}`)]);

export function questionRoutes({ library, directory, runner }: QuestionRoutes): DescribedRoute[] {
  const path = '/api/questions';
  const tag = 'Questions';
  const answered = { 200: { description: 'The question', schema: questionSchema } };

  /** Throws Problem 404: also where the caller may not know that there is one. */
  function one(id: string | undefined, caller: Caller): Question {
    const question = library.question(id ?? '');
    if (!question || !maySee(caller, question, directory.user(caller.subject))) {
      throw new Problem(404, 'there is no such question');
    }
    return question;
  }

  /** Throws Problem 403 or 404. */
  function own(id: string | undefined, caller: Caller): Question {
    const question = one(id, caller);
    if (!mayChange(caller, question)) throw new Problem(403, 'this is another’s question: to change it takes write');
    return question;
  }

  return [
    describe({
      ...{ method: 'GET', path, access: 'read', tag },
      summary: 'Questions: one’s own, and those that are shared with one',
      answers: { 200: { description: 'By title', schema: z.object({ items: z.array(questionSchema) }) } },
      async handle({ caller }) {
        await library.loaded();
        const user = directory.user(caller.subject);
        const seen = [...library.questions()].filter(question => maySee(caller, question, user));
        const ordered = seen.sort((a, b) => a.title.localeCompare(b.title) || (a.question_id < b.question_id ? -1 : 1));
        return json(200, { items: ordered.map(questionRow) });
      },
    }),
    describe({
      ...{ method: 'POST', path, access: 'write_own', tag },
      summary: 'Save a question',
      body: newQuestion,
      answers: { 201: { description: 'Saved', schema: questionSchema } },
      problems: [409],
      audited: 'question.create',
      async handle({ body, caller }) {
        const question = created(body, caller.subject);
        runner.check(question);
        await library.change(() => {
          const own = [...library.questions()].filter(({ owner_id }) => owner_id === caller.subject);
          if (own.length >= questions_max) throw new Problem(409, `at most ${questions_max} questions of one owner`);
          return { questions: [question] };
        });
        return json(201, questionRow(question), { location: `${path}/${question.question_id}` });
      },
    }),
    describe({
      ...{ method: 'GET', path: `${path}/:id`, access: 'read', tag },
      summary: 'A question',
      answers: answered,
      async handle({ request, caller }) {
        await library.loaded();
        return json(200, questionRow(one(request.parameters.id, caller)));
      },
    }),
    describe({
      ...{ method: 'PATCH', path: `${path}/:id`, access: 'write_own', tag },
      summary: 'Change a question: one’s own, or with `write` any that one sees',
      body: questionChange,
      answers: answered,
      problems: [409],
      audited: 'question.change',
      async handle({ request, body, caller }) {
        let next: Question | null = null;
        await library.change(() => {
          next = changed(own(request.parameters.id, caller), body);
          runner.check(next);
          return { questions: [next] };
        });
        return json(200, questionRow(next ?? own(request.parameters.id, caller)));
      },
    }),
    describe({
      ...{ method: 'DELETE', path: `${path}/:id`, access: 'write_own', tag },
      summary: 'Remove a question, and every link to it',
      answers: { 204: { description: 'Removed', empty: true } },
      audited: 'question.remove',
      async handle({ request, caller }) {
        await library.change(() => {
          const question = own(request.parameters.id, caller);
          const shares = [...library.shares()].filter(({ question_id }) => question_id === question.question_id);
          return { forgotten_questions: [question], forgotten_shares: shares };
        });
        return { status: 204 };
      },
    }),
    describe({
      ...{ method: 'POST', path: `${path}/:id/run`, access: 'read', tag },
      summary: 'Ask a question, as far as the caller sees the data',
      query: z.strictObject({ cursor: z.string().optional().describe('Of a list: the `next` of the answer before') }),
      answers: { 200: { description: 'What its route answers', schema: z.looseObject({}) } },
      problems: [422],
      async handle({ request, query: { cursor }, caller }) {
        const { signal } = request;
        await library.loaded();
        const { text, headers } = await runner.run(one(request.parameters.id, caller), caller, { cursor, signal });
        const common = { 'content-type': 'application/json', 'cache-control': 'no-store' };
        return { status: 200, headers: { ...common, ...headers }, body: text };
      },
    }),
  ];
}

/** Saved questions: what may be said of one, and who sees and changes it. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Problem } from '../../lib/problem.ts';
import type { Question, User } from '../../schemas/generated.ts';
import { may } from '../auth/access.ts';
import type { Identity } from '../auth/identity.ts';
import { instant, iso } from '../rows.ts';

export const lists = ['emails', 'customers', 'search', 'dead-letters'] as const;

const sql_chars_max = 65_536;
const json_chars_max = 16_384;
const parameters_max = 50;
const teams_max = 50;
/** Of one owner. */
export const questions_max = 1_000;

const parameters = z
  .record(z.string().max(64), z.string().max(4_096))
  .refine(given => Object.keys(given).length <= parameters_max, `are at most ${parameters_max}`)
  .describe('Of the SQL, or of the request that the question is: `{"interval": "week"}`');
const visualisation = z
  .record(z.string(), z.unknown())
  .refine(given => JSON.stringify(given).length <= json_chars_max, `is at most ${json_chars_max} characters of JSON`)
  .describe('How it is shown: whatever whoever shows it understands');
/** One who means all or none must say so alone: in a list it would be a team. */
const team = z
  .string()
  .min(1)
  .max(64)
  .refine(id => id !== 'nobody' && id !== 'everyone', 'is no team: give it alone');
const shared_with = z
  .union([z.enum(['nobody', 'everyone']), z.array(team).min(1).max(teams_max)])
  .describe(
    'Nobody, every user, or the members of teams by their ids. Each sees the answer as far as he sees the data',
  );

const said = {
  title: z.string().min(1).max(200),
  description: z.string().max(2_000),
  sql: z.string().max(sql_chars_max).describe('Of a question of kind sql'),
  list: z.enum(lists).describe('Of a question of kind list'),
  parameters,
  visualisation,
  shared_with,
};
const defaults = {
  description: said.description.default(''),
  parameters: parameters.default({}),
  visualisation: visualisation.default({}),
  shared_with: shared_with.default('nobody'),
};

export const newQuestion = z
  .strictObject({
    kind: z.enum(['sql', 'metrics', 'list']),
    ...said,
    sql: said.sql.optional(),
    list: said.list.optional(),
    ...defaults,
  })
  .meta({ id: 'NewQuestion' });

export const questionChange = z
  .strictObject({ ...said, version: z.int().describe('The one that is changed: 409 where another came between') })
  .partial()
  .refine(change => Object.keys(change).some(name => name !== 'version'), 'names nothing to change')
  .meta({ id: 'QuestionChange' });

export const questionSchema = z
  .object({
    question_id: z.string(),
    owner_id: z.string(),
    title: z.string(),
    description: z.string(),
    kind: z.string(),
    sql: z.string().optional(),
    list: z.string().optional(),
    parameters: z.record(z.string(), z.string()),
    visualisation: z.record(z.string(), z.unknown()),
    shared_with: z.union([z.enum(['nobody', 'everyone']), z.array(z.string())]),
    created_at: instant,
    updated_at: instant,
    version: z.int(),
  })
  .meta({ id: 'Question' });

export const questionRow = (question: Question): z.infer<typeof questionSchema> => ({
  question_id: question.question_id,
  owner_id: question.owner_id,
  title: question.title,
  description: question.description,
  kind: question.kind,
  ...(question.kind === 'sql' ? { sql: question.sql } : {}),
  ...(question.kind === 'list' ? { list: question.list } : {}),
  parameters: parametersOf(question),
  visualisation: JSON.parse(question.visualisation),
  shared_with: question.everyone ? 'everyone' : question.teams.length > 0 ? question.teams : 'nobody',
  created_at: iso(question.created_at_ms),
  updated_at: iso(question.updated_at_ms),
  version: question.version,
});

export const parametersOf = ({ parameters }: Question): Record<string, string> => JSON.parse(parameters);

export function created(asked: z.output<typeof newQuestion>, owner_id: string): Question {
  const now_ms = Date.now();
  const { kind, sql = '', list = '' } = asked;
  return fitting({
    question_id: randomBytes(8).toString('hex'),
    owner_id,
    ...{ title: asked.title, description: asked.description, kind, sql, list },
    parameters: JSON.stringify(asked.parameters),
    visualisation: JSON.stringify(asked.visualisation),
    ...sharing(asked.shared_with),
    created_at_ms: now_ms,
    updated_at_ms: now_ms,
    version: 1,
  });
}

/** Throws Problem 409 where somebody else changed it meanwhile. */
export function changed(question: Question, asked: z.output<typeof questionChange>): Question {
  if (asked.version !== undefined && asked.version !== question.version) {
    throw new Problem(409, `the question was changed meanwhile: it is at version ${question.version}`);
  }
  return fitting({
    ...question,
    title: asked.title ?? question.title,
    description: asked.description ?? question.description,
    sql: asked.sql ?? question.sql,
    list: asked.list ?? question.list,
    parameters: asked.parameters === undefined ? question.parameters : JSON.stringify(asked.parameters),
    visualisation: asked.visualisation === undefined ? question.visualisation : JSON.stringify(asked.visualisation),
    ...(asked.shared_with === undefined ? {} : sharing(asked.shared_with)),
    updated_at_ms: Date.now(),
    version: question.version + 1,
  });
}

const sharing = (given: z.output<typeof shared_with>) => ({
  everyone: given === 'everyone',
  teams: Array.isArray(given) ? [...new Set(given)] : [],
});

/** Throws Problem 400. */
function fitting(question: Question): Question {
  const { kind, sql, list } = question;
  for (const [field, value] of Object.entries({ sql, list })) {
    if ((kind === field) !== (value !== '')) {
      const message = kind === field ? `is what a question of kind ${kind} is` : `is of no question of kind ${kind}`;
      throw new Problem(400, `the body does not fit: ${field}: ${message}`, {
        members: { faults: [{ field, message }] },
      });
    }
  }
  return question;
}

type Asking = Pick<Identity, 'subject' | 'role' | 'scopes'>;

/** Its owner, with whom it is shared, and who administers all. */
export const maySee = ({ subject, role }: Asking, question: Question, callers_own: User | undefined): boolean =>
  question.owner_id === subject ||
  question.everyone ||
  role === 'admin' ||
  question.teams.some(team => callers_own?.teams.some(({ name }) => name === team));

/** Its owner, and who may write whatever he sees. */
export const mayChange = (caller: Asking, question: Question): boolean =>
  question.owner_id === caller.subject || may(caller, 'write');

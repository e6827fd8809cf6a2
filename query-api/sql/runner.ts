/**
 * SQL on a caller's behalf that is not answered to a client of ClickHouse: a saved question, a query that is followed. It is held to
 * the same lists, limits and places as what comes by `/sql`, and its answer is whole and small.
 */
import { z } from 'zod';
import { MillraceError } from '../../lib/errors.ts';
import { Problem } from '../../lib/http.ts';
import type { Identity } from '../auth/identity.ts';
import type { RunQuery } from '../live/query/queries.ts';
import type { Databases } from '../permission/databases.ts';
import { limitsOf } from './limits.ts';
import { isRefusal, type Refusal } from './refusal.ts';
import type { Sandbox } from './sandbox.ts';
import { scopeOf } from './scope.ts';
import type { Slots } from './slots.ts';
import { shortened } from './told-error.ts';

export interface SqlRunnerParts {
  readonly databases: Pick<Databases, 'of'>;
  readonly sandbox: Sandbox;
  readonly slots: Slots;
}

export interface SqlToRun {
  readonly sql: string;
  /** They fill `{name:Type}` places. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Answers in the format JSONCompact. Throws Problem. */
export type SqlRunner = (asked: SqlToRun, caller: Identity) => Promise<string>;

/** Whoever waits for the whole of an answer does not wait for long, nor for much. */
const whole = { max_execution_time: 30, max_result_rows: 10_000, max_result_bytes: 16_777_216 };

export function createSqlRunner({ databases, sandbox, slots }: SqlRunnerParts): SqlRunner {
  return async ({ sql, parameters, signal }, caller) => {
    const release = await slots.take(caller, signal);
    if (typeof release !== 'function') throw new Problem(429, release.message, { headers: { 'retry-after': '1' } });
    try {
      return await run(sql, new Map(Object.entries(parameters)), caller);
    } finally {
      release();
    }
  };

  async function run(text: string, params: ReadonlyMap<string, string>, caller: Identity): Promise<string> {
    const scope = await scopeOf(caller, databases);
    const checked = await sandbox.check({ text, params, database: scope.database }, scope);
    if (isRefusal(checked)) throw problemOf(checked);
    if (checked.format !== null || checked.settings.size > 0) {
      throw new Problem(400, 'the statement names a FORMAT or SETTINGS, which are not taken here');
    }
    const tables = await databases.of(caller.sight);
    try {
      return await tables.text(checked.text, {
        ...lowest(Object.fromEntries(limitsOf(caller.role)), whole),
        ...Object.fromEntries([...params].map(([name, value]) => [`param_${name}`, value])),
        ...Object.fromEntries(checked.imposed),
        default_format: 'JSONCompact',
        readonly: 1,
      });
    } catch (error) {
      if (!(error instanceof MillraceError) || error.retryable) throw error;
      throw new Problem(422, scope.definitions ? error.message : shortened(error.message));
    }
  }
}

/** The same for a query that is followed. */
export const followedBy =
  (run: SqlRunner): RunQuery =>
  async (sql, caller) => {
    const answer = jsonCompact.parse(JSON.parse(await run({ sql, parameters: {}, signal: never }, caller)));
    return { columns: answer.meta, rows: answer.data };
  };

const never = new AbortController().signal;
const jsonCompact = z.object({
  meta: z.array(z.object({ name: z.string(), type: z.string() })),
  data: z.array(z.array(z.unknown())),
});

const lowest = (limits: Readonly<Record<string, number>>, most: typeof whole): Record<string, number> => ({
  ...limits,
  ...Object.fromEntries(Object.entries(most).map(([name, value]) => [name, Math.min(value, limits[name] ?? value)])),
});

const problemOf = ({ message, name }: Refusal): Problem => new Problem(400, message, { members: { code: name } });

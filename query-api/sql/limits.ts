/** What one statement of a role may take of the engine. A caller may ask for less. */
import type { Role } from '../auth/roles.ts';
import { execution_s_max } from '../routes/sql-parameters.ts';

export interface Limits {
  readonly execution_s_max: number;
  readonly memory_bytes_max: number;
  /** Of the answer, which is streamed: an export may be long. */
  readonly result_rows_max: number;
  readonly result_bytes_max: number;
  /** 0 for as many as the engine takes by itself. */
  readonly threads_max: number;
}

const gib = 1024 ** 3;

const limits: Readonly<Record<Role, Limits>> = {
  admin: limit(execution_s_max, 8, 1e9, 64, 0),
  manager: limit(execution_s_max, 4, 1e8, 16, 8),
  user: limit(120, 4, 1e8, 16, 4),
  viewer: limit(60, 2, 1e7, 4, 4),
};

function limit(
  seconds: number,
  memory_gib: number,
  result_rows_max: number,
  result_gib: number,
  threads: number,
): Limits {
  return {
    execution_s_max: seconds,
    memory_bytes_max: memory_gib * gib,
    result_rows_max,
    result_bytes_max: result_gib * gib,
    threads_max: threads,
  };
}

/** By the engine's settings of them; what is not limited is not there. */
export function limitsOf(role: Role): ReadonlyMap<string, number> {
  const { execution_s_max, memory_bytes_max, result_rows_max, result_bytes_max, threads_max } = limits[role];
  return new Map(
    Object.entries({
      max_execution_time: execution_s_max,
      max_memory_usage: memory_bytes_max,
      max_result_rows: result_rows_max,
      max_result_bytes: result_bytes_max,
      max_threads: threads_max,
    }).filter(([, value]) => value > 0),
  );
}

/** Lowers what was asked for to the limit, and asks for the limit where nothing was. */
export function withLimits(asked: URLSearchParams, role: Role): URLSearchParams {
  const limited = new URLSearchParams(asked);
  for (const [name, most] of limitsOf(role)) {
    const wanted = Number(asked.get(name) ?? 0);
    limited.set(name, String(wanted > 0 ? Math.min(wanted, most) : most));
  }
  return limited;
}

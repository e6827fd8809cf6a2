/** Finds out what an id stands for: a mail, or another record that only its trace tells of. */
import type { Api } from './api.ts';
import { ApiError } from './api.ts';
import { text } from './decode.ts';
import type { MailDetail, Trace } from './model.ts';

export interface FoundRecord {
  mail: MailDetail | null;
  trace: Trace | null;
  /** Why there is no trace, where the mail itself was found. */
  trace_error: string | null;
}

/** A live record is on the page up to seconds before its row can be read, so "not found" is asked again this often. */
const not_found_waits_ms = [300, 700, 1500, 3000];

/** Rejects with ApiError: 404 where nothing is known under this id, or the API's own fault. */
export async function findRecord(
  api: Api,
  id: string,
  signal: AbortSignal,
  sleep: (ms: number) => Promise<void> = wait,
): Promise<FoundRecord> {
  for (const wait_ms of not_found_waits_ms) {
    const found = await look(api, id, signal);
    if (found !== null) return found;
    await sleep(wait_ms);
    signal.throwIfAborted();
  }
  const found = await look(api, id, signal);
  if (found === null) throw new ApiError(404, 'Not found', `no record has the id ${id}`);
  return found;
}

async function look(api: Api, id: string, signal: AbortSignal): Promise<FoundRecord | null> {
  // An interaction's id is `record:person`; no mail has one, and asking would only be refused.
  const direct = id.includes(':') ? Promise.resolve(null) : orNull(api.email(id, signal));
  const [mail, trace] = await Promise.allSettled([direct, orNull(api.trace(id, signal))]);
  if (mail.status === 'rejected') throw mail.reason;
  const traced = trace.status === 'fulfilled' ? trace.value : null;
  const trace_error = trace.status === 'rejected' ? message(trace.reason) : null;
  const mailId = mail.value === null && traced !== null ? mailOf(traced) : null;
  const found = mailId === null ? mail.value : await orNull(api.email(mailId, signal));
  return found === null && traced === null ? null : { mail: found, trace: traced, trace_error };
}

/** Evidence may name an interaction; where that is a mail, its row says which. */
function mailOf(trace: Trace): string | null {
  for (const row of trace.arrivals.flatMap(arrival => arrival.rows)) {
    const id = text(row.email_id) || (text(row.kind).startsWith('mail') ? text(row.record_id) : '');
    if (id !== '') return id;
  }
  return null;
}

async function orNull<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

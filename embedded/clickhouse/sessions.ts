/**
 * Sessions that outlive a request (`session_id`): their SET, USE and temporary tables hold for the next one.
 *
 * One request at a time, as ClickHouse has it. What a request asks for in its URL holds for that request alone, so it is
 * taken back afterwards; what its statement changes stays.
 */
import type { Session } from 'chdb';
import { refusal } from './errors.ts';
import { quoteIdentifier, quoteString } from './sql.ts';

/** Each holds a session of the engine. Those in which nothing was set or made give way to new ones. */
const sessions_max = 128;
const timeout_default_s = 60;
const timeout_max_s = 3_600;

export interface SessionRequest {
  id: string;
  /** Unused for this long, it ends. */
  timeout_ms: number;
  /** Refuse to begin one. */
  check: boolean;
  /** End it after this request. */
  close: boolean;
}

/** null where the request names none. @throws ClickHouseError 374 */
export function sessionOf(search: URLSearchParams): SessionRequest | null {
  const id = search.get('session_id');
  if (!id) return null;
  const timeout = search.get('session_timeout') ?? String(timeout_default_s);
  const timeout_s = Number(timeout);
  if (!/^\d{1,9}$/.test(timeout) || timeout_s > timeout_max_s) {
    const most = `it is a number of seconds, at most ${timeout_max_s}`;
    throw refusal('INVALID_SESSION_TIMEOUT', `Invalid session timeout ${timeout.slice(0, 20)}: ${most}`);
  }
  const flag = (name: string): boolean => search.get(name) === '1';
  return { id, timeout_ms: timeout_s * 1_000, check: flag('session_check'), close: flag('close_session') };
}

/** A session that is this request's until it gives it back. */
export interface Lease {
  readonly session: Session;
  /** Something in it is worth keeping now. */
  touch(): void;
  /** The session is busy until this has settled, also where its client has gone. */
  hold(work: Promise<unknown>): void;
  release(): void;
}

interface Held {
  readonly session: Session;
  busy: boolean;
  touched: boolean;
  expiry: NodeJS.Timeout | null;
}

export class Sessions {
  private readonly held = new Map<string, Held>();
  private readonly open: () => Session;

  constructor(open: () => Session) {
    this.open = open;
  }

  /** @throws ClickHouseError 372 (not found), 373 (locked) or 700 (too many) */
  take(request: SessionRequest): Lease {
    const { id } = request;
    const found = this.held.get(id);
    if (found?.busy) throw refusal('SESSION_IS_LOCKED', `Session ${id} is locked by a concurrent client`);
    if (!found && request.check) throw refusal('SESSION_NOT_FOUND', `Session ${id} not found`);
    const held = found ?? this.begin(id);
    if (held.expiry) clearTimeout(held.expiry);
    held.busy = true;
    const work: Promise<unknown>[] = [];
    return {
      session: held.session,
      touch: () => {
        held.touched = true;
      },
      hold: promise => work.push(promise),
      release: () => void Promise.allSettled(work).then(() => this.settle(held, request)),
    };
  }

  close(): void {
    for (const id of this.held.keys()) this.end(id);
  }

  private begin(id: string): Held {
    if (this.held.size >= sessions_max) this.makeRoom();
    const held: Held = { session: this.open(), busy: false, touched: false, expiry: null };
    this.held.set(id, held);
    return held;
  }

  private makeRoom(): void {
    const spare = [...this.held].find(([, { busy, touched }]) => !busy && !touched);
    if (spare) {
      this.end(spare[0]);
      return;
    }
    const remedy = 'end one with close_session=1, or leave session_id out where nothing is to be kept';
    throw refusal('USER_SESSION_LIMIT_EXCEEDED', `There are ${sessions_max} sessions already: ${remedy}`);
  }

  private settle(held: Held, { id, timeout_ms, close }: SessionRequest): void {
    held.busy = false;
    if (close) {
      this.end(id);
      return;
    }
    // Last in the map: the longest unused is the first to give way.
    this.held.delete(id);
    this.held.set(id, held);
    held.expiry = setTimeout(() => this.end(id), timeout_ms);
    held.expiry.unref();
  }

  private end(id: string): void {
    const held = this.held.get(id);
    if (!held) return;
    if (held.expiry) clearTimeout(held.expiry);
    this.held.delete(id);
    held.session.close();
  }
}

/** Sets what one request asks for, and returns what puts the session back. */
export async function lend(
  session: Session,
  settings: ReadonlyMap<string, string>,
  database: string | null,
): Promise<() => void> {
  const before = await valuesOf(session, [...settings.keys()]);
  const restore = (): void => {
    if (before.settings.length > 0) session.query(`SET ${before.settings.join(', ')}`);
    if (database !== null) session.query(`USE ${quoteIdentifier(before.database)}`);
  };
  try {
    session.query(`SET ${[...settings].map(([name, value]) => `${name} = ${quoteString(value)}`).join(', ')}`);
    if (database !== null) session.query(`USE ${quoteIdentifier(database)}`);
    return restore;
  } catch (error) {
    restore();
    throw error;
  }
}

/** The assignments that restore these settings. One row in base64: what a session sets may change how rows are written. */
async function valuesOf(session: Session, names: string[]): Promise<{ settings: string[]; database: string }> {
  const entry = "concat(name, ' ', toString(changed), ' ', base64Encode(value))";
  const text = `SELECT base64Encode(currentDatabase()), arrayStringConcat(groupArray(${entry}), ';')
    FROM system.settings WHERE name IN (${names.map(quoteString).join(', ')})`;
  const [database = '', list = ''] = (await session.queryAsync(text, { format: 'TSV' })).text().trim().split('\t');
  const settings = list
    .split(';')
    .filter(Boolean)
    .map(each => {
      const [name = '', changed = '0', value = ''] = each.split(' ');
      return `${name} = ${changed === '1' ? quoteString(decode(value)) : 'DEFAULT'}`;
    });
  return { settings, database: decode(database) };
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

/**
 * The ClickHouse engine in this process (chdb), one session a statement.
 *
 * A session costs about 0.2 ms to open and has settings, parameters, a database and a read-only switch of its own. So
 * what a request asks for holds for its statement alone, values never enter its text, and nothing leaks into the next.
 *
 * Rows leave through a named pipe (`INTO OUTFILE`) that the event loop reads: every format arrives as a server would
 * write it, a slow client slows the query down instead of filling memory, and a query never blocks the event loop,
 * which the engine's own streaming call does for as long as a scalar subquery takes.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type ChdbResult, Session } from 'chdb';
import { zstdStored } from './blocks.ts';
import { type EngineCoding, statement_bytes_max } from './body.ts';
import { CODES, faultOf, refusal } from './errors.ts';
import { createPipes, openPipe } from './pipes.ts';
import { type Lease, lend, Sessions } from './sessions.ts';
import { Slots } from './slots.ts';
import { quoteIdentifier, quoteString, type RowsStatement, withOutfile } from './sql.ts';
import { commands_running_max, rows_running_max } from './threads.ts';

/** Statements that wait for a free place, of each kind. */
const waiting_max = 256;

/** A result that could not go through a pipe and is held in memory, in bytes. */
const held_result_bytes_max = 256 * 1024 * 1024;
/** The engine's, for a body of `statement_bytes_max` that it decompresses; it doubles its buffers as they fill. */
const inflate_memory_bytes_max = 8 * statement_bytes_max;
/** A cancelled statement may not have begun when it is first looked for. */
const kill_interval_ms = 100;
const kill_attempts_max = 50;

/** How one statement is run. */
export interface Terms {
  /** The format where the statement names none. */
  format: string;
  database: string | null;
  settings: ReadonlyMap<string, string>;
  params: ReadonlyMap<string, string>;
  /** 0: writes too; 1: reads only, no settings; 2: reads only, settings allowed. */
  read_only: 0 | 1 | 2;
  /** The session that outlives the request; without it the statement has one of its own. */
  lease: Lease | null;
}

export interface Stats {
  elapsed_ns: number;
  read_rows: number;
  read_bytes: number;
}

export interface RunningQuery {
  rows: Readable;
  /** Settles when the engine is done; rejects with its fault. Rows may have come before. */
  done: Promise<Stats>;
  /** The rows come in zstd, as was asked. */
  packed: boolean;
  cancel(): void;
}

/** Of a statement of our own. */
const bare_terms: Terms = {
  format: 'TSVRaw',
  database: null,
  settings: new Map(),
  params: new Map(),
  read_only: 0,
  lease: null,
};

/** Where a statement's rows go. */
interface Outlet {
  path: string;
  packed: boolean;
  give(): void;
}

/** Every session starts with these; a request's settings come after. */
const SESSION_SETTINGS = new Map([
  // An acknowledged insert is a part on disk, and its deduplication token is checked before the answer.
  ['async_insert', '0'],
  // Parity with a server, whose defaults these are.
  ['implicit_select', '0'],
  ['allow_introspection_functions', '0'],
]);

export interface EngineOptions {
  data_dir: string;
  /** Of the engine altogether, in bytes; a query beyond it fails, alone. */
  memory_bytes_max: number;
}

export class Engine {
  readonly timezone: string;
  readonly version: string;
  readonly sessions = new Sessions(() => this.begin());
  readonly unsafe_calls: ReadonlySet<string>;
  readonly spool_dir: string;
  private readonly store_dir: string;
  /** Keeps the engine alive between statements, and ends those whose client has gone. */
  private readonly control: Session;
  private readonly pipes: Slots<string>;
  private readonly commands: Slots<number>;

  constructor({ data_dir, memory_bytes_max }: EngineOptions) {
    this.store_dir = join(data_dir, 'store');
    this.spool_dir = join(data_dir, 'tmp');
    rmSync(this.spool_dir, { recursive: true, force: true });
    mkdirSync(this.spool_dir, { recursive: true, mode: 0o700 });
    mkdirSync(this.store_dir, { recursive: true, mode: 0o700 });
    this.pipes = new Slots(createPipes(this.spool_dir, rows_running_max), waiting_max);
    this.commands = new Slots([...Array(commands_running_max).keys()], waiting_max);

    const config_path = join(data_dir, 'engine.xml');
    writeFileSync(config_path, engineConfig(memory_bytes_max), { mode: 0o600 });
    this.control = new Session(this.store_dir, { connectionArgs: [`--config-file=${config_path}`] });
    this.timezone = this.control.query('SELECT timezone()', 'TSVRaw').trim();
    this.version = this.control.query('SELECT version()', 'TSVRaw').trim();
    const calls = this.control.query('SELECT name FROM system.table_functions WHERE NOT allow_readonly', 'TSVRaw');
    this.unsafe_calls = new Set(calls.trim().toLowerCase().split('\n'));
  }

  /** Runs a statement whose answer is small: DDL, INSERT. */
  async command(text: string, terms: Terms): Promise<{ rows: Uint8Array; stats: Stats }> {
    const slot = await this.commands.take();
    try {
      const result = await this.run(text, terms);
      return { rows: result.bytes(), stats: statsOf(result) };
    } finally {
      this.commands.give(slot);
    }
  }

  /**
   * Runs a statement that answers with rows, which the caller reads to their end, or cancels.
   *
   * @param packed in zstd, which the engine writes and Node 20 does not
   */
  async query(statement: RowsStatement, terms: Terms, packed = false): Promise<RunningQuery> {
    const path = await this.pipes.take();
    const give = () => this.pipes.give(path);
    try {
      return this.startQuery(statement, terms, { path, packed, give });
    } catch (error) {
      give();
      throw error;
    }
  }

  /** The statement's own error where it cannot be parsed, else null. */
  async syntaxFault(text: string): Promise<unknown> {
    const terms: Terms = { ...bare_terms, params: new Map([['text', escapeParameter(text)]]), read_only: 1 };
    try {
      await this.command('SELECT formatQuerySingleLine({text:String})', terms);
      return null;
    } catch (error) {
      const fault = faultOf(error);
      if (fault.code !== CODES.SYNTAX_ERROR) return null;
      return refusal(
        'SYNTAX_ERROR',
        fault.text.replace(/^Code: 62\. DB::Exception: |: In scope SELECT formatQuery.*$/gs, ''),
      );
    }
  }

  /** Takes off a coding that Node does not know. @throws ClickHouseError 271, or 307 beyond `statement_bytes_max` */
  async inflate(bytes: Buffer, coding: EngineCoding): Promise<Buffer> {
    const path = join(this.spool_dir, `body-${randomUUID()}`);
    const source = `file(${quoteString(path)}, 'RawBLOB', 'bytes String', ${quoteString(coding)})`;
    const settings = new Map([['max_memory_usage', String(inflate_memory_bytes_max)]]);
    try {
      await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
      const terms: Terms = { ...bare_terms, format: 'RawBLOB', settings };
      const { rows } = await this.command(`SELECT bytes FROM ${source}`, terms);
      if (rows.length > statement_bytes_max) throw tooLong();
      return Buffer.from(rows);
    } catch (error) {
      const { code } = faultOf(error);
      if (code === CODES.MEMORY_LIMIT_EXCEEDED) throw tooLong();
      if (code === CODES.TOO_MANY_BYTES) throw error;
      throw refusal('CANNOT_DECOMPRESS', `The request's body is not ${coding}`);
    } finally {
      await rm(path, { force: true });
    }
  }

  close(): void {
    this.sessions.close();
    this.control.close();
    rmSync(this.spool_dir, { recursive: true, force: true });
  }

  private startQuery(statement: RowsStatement, terms: Terms, { path, packed, give }: Outlet): RunningQuery {
    const id = randomUUID();
    const { readable, writable } = openPipe(path);
    const closed = new Promise(resolve => readable.once('close', resolve));
    const write = (held: Uint8Array) => writable.write(packed ? zstdStored(held) : held);
    const piped = (): Promise<Stats> =>
      this.run(withOutfile(statement, path, packed ? 'zstd' : null), terms, id)
        .then(statsOf)
        .catch(error => this.runHeld(error, statement, terms, write));
    const done = (statement.explains_tree ? this.runTree(statement, terms, write) : piped()).finally(() =>
      writable.end(),
    );
    let settled = false;
    // The pipe carries nothing of this statement any more once the engine is done and the reader has closed.
    Promise.allSettled([done, closed]).then(give);
    const settle = () => {
      settled = true;
    };
    done.then(settle, settle);
    const cancel = () => {
      readable.destroy();
      void this.kill(id, () => settled);
    };
    return { rows: readable, done, packed, cancel };
  }

  /**
   * Where INTO OUTFILE does not fit a statement's grammar, the statement is run as it was written and its result held.
   * An error in the statement itself then names the position the client knows.
   */
  private async runHeld(error: unknown, { text }: RowsStatement, terms: Terms, write: (rows: Uint8Array) => void) {
    if (faultOf(error).code !== CODES.SYNTAX_ERROR) throw error;
    const settings = new Map([...terms.settings, ['max_result_bytes', String(held_result_bytes_max)]]);
    const result = await this.run(text, { ...terms, settings });
    write(result.bytes());
    return statsOf(result);
  }

  private async runTree({ text, outfile_at, format }: RowsStatement, terms: Terms, write: (rows: Uint8Array) => void) {
    const result = await this.run(text.slice(0, outfile_at), { ...terms, format: format ?? terms.format });
    write(result.bytes());
    return statsOf(result);
  }

  private run(text: string, terms: Terms, id = randomUUID() as string): Promise<ChdbResult> {
    const { lease } = terms;
    if (!lease) return this.runAlone(text, terms, id);
    const work = this.runIn(lease.session, text, terms, id);
    lease.hold(work);
    return work;
  }

  private async runAlone(text: string, terms: Terms, id: string): Promise<ChdbResult> {
    const session = new Session(this.store_dir);
    try {
      setAll(session, [...SESSION_SETTINGS, ...requestSettings(terms, id)]);
      if (terms.database !== null) session.query(`USE ${quoteIdentifier(terms.database)}`);
      // Last: it forbids every other SET.
      if (terms.read_only > 0) session.query(`SET readonly = ${terms.read_only}`);
      return await session.queryAsync(text, { format: terms.format });
    } finally {
      session.close();
    }
  }

  /** `readonly` is not set here: nothing could take it back. The front looks at the statement instead. */
  private async runIn(session: Session, text: string, terms: Terms, id: string): Promise<ChdbResult> {
    const restore = await lend(session, new Map(requestSettings(terms, id)), terms.database);
    try {
      return await session.queryAsync(text, { format: terms.format });
    } finally {
      restore();
    }
  }

  private begin(): Session {
    const session = new Session(this.store_dir);
    setAll(session, [...SESSION_SETTINGS]);
    return session;
  }

  private async kill(id: string, isSettled: () => boolean): Promise<void> {
    const text = `KILL QUERY WHERE startsWith(Settings['log_comment'], ${quoteString(id)}) ASYNC`;
    for (let attempt = 0; attempt < kill_attempts_max && !isSettled() && this.control.open; attempt++) {
      await this.control.queryAsync(text).catch(() => {});
      await new Promise(resolve => setTimeout(resolve, kill_interval_ms));
    }
  }
}

/** What a request sets, and a mark by which its statement is found while it runs. */
function requestSettings({ settings, params }: Terms, id: string): [string, string][] {
  const log_comment = `${id} ${settings.get('log_comment') ?? ''}`.trim();
  const named = [...params].map(([name, value]): [string, string] => [`param_${name}`, value]);
  return [...new Map([...settings, ['log_comment', log_comment]]), ...named];
}

function setAll(session: Session, settings: [string, string][]): void {
  session.query(`SET ${settings.map(([name, value]) => `${name} = ${quoteString(value)}`).join(', ')}`);
}

/** A parameter's value is read as TabSeparated. */
function escapeParameter(value: string): string {
  return value.replace(/[\\\t\n]/g, char => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n' })[char] ?? char);
}

function tooLong() {
  return refusal('TOO_MANY_BYTES', `The request's body is larger than ${statement_bytes_max} bytes`);
}

function statsOf({ elapsed, rowsRead, bytesRead }: ChdbResult): Stats {
  return { elapsed_ns: Math.round(elapsed * 1e9), read_rows: rowsRead, read_bytes: bytesRead };
}

/** Caches a laptop can spare; the engine's own defaults are a server's. */
function engineConfig(memory_bytes_max: number): string {
  const cache_bytes = 64 * 1024 * 1024;
  const marks = ['mark_cache_size', 'index_mark_cache_size', 'primary_index_cache_size'];
  const caches = [...marks, 'compiled_expression_cache_size'];
  return [
    '<clickhouse>',
    `<max_server_memory_usage>${memory_bytes_max}</max_server_memory_usage>`,
    ...caches.map(name => `<${name}>${cache_bytes}</${name}>`),
    '<max_thread_pool_free_size>8</max_thread_pool_free_size>',
    '</clickhouse>',
  ].join('\n');
}

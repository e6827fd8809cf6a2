/** Something the machine lacks, and the command or the sentence that helps. */
export interface Problem {
  what: string;
  remedy: string;
}

export type Need = 'node' | 'compiler' | 'openssl' | 'zlib' | 'java' | 'maven' | 'disk' | 'memory' | 'port';

export interface CheckOptions {
  need: Need[];
  /** Whose disk must have room; it need not exist yet. Default: the working directory. */
  directory?: string;
  /** Default 3 GiB, what an installation takes. */
  disk_bytes_min?: number;
  /** Of the machine or the container. Default 2 GiB. */
  memory_bytes_min?: number;
  /** For `port`: 0 and undefined are always free. */
  port?: number;
  /** For `port`; default 127.0.0.1. */
  host?: string;
}

/** Checks everything named in `need` and reports all that is missing at once. Takes about 0.3 s. */
export function check(options: CheckOptions): Promise<{ problems: Problem[] }>;

/** The problems as a text for the terminal, each with its remedy. */
export function describe(problems: Problem[]): string;

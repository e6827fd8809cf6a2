/** A disk of its own for one directory, small enough to be filled: a tmpfs. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Disk {
  /** Takes all that is left. */
  fill(): void;
  /** Gives it back. */
  makeRoom(): void;
  /** Does no harm where it was done before. */
  unmount(): void;
}

const mounted = new Set<string>();
// A test that was broken off leaves nothing mounted.
process.once('exit', () => mounted.forEach(unmount));

/** The directory must be empty, or not there. */
export function mountDisk(dir: string, bytes: number): Disk {
  mkdirSync(dir, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'millrace-test', dir], { stdio: 'pipe' });
  mounted.add(dir);
  const ballast = join(dir, 'ballast');
  return {
    fill: () => writeUntilFull(ballast),
    makeRoom: () => rmSync(ballast, { force: true }),
    unmount: () => unmount(dir),
  };
}

function unmount(dir: string): void {
  if (!mounted.delete(dir)) return;
  // Lazily: whoever was just killed may still be letting go of its files.
  execFileSync('umount', ['-l', dir], { stdio: 'pipe' });
}

const chunks_bytes = [1024 * 1024, 4096];

function writeUntilFull(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (const bytes of chunks_bytes) {
      const chunk = Buffer.alloc(bytes);
      while (hasWritten(file, chunk));
    }
  } finally {
    closeSync(file);
  }
}

function hasWritten(file: number, chunk: Buffer): boolean {
  try {
    return writeSync(file, chunk) === chunk.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

let asked: { readonly reason: string | null } | undefined;

/** Why no disk can be mounted here; null where one can. */
export function whyNoDisk(): string | null {
  asked ??= { reason: tried() };
  return asked.reason;
}

function tried(): string | null {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-disk-'));
  try {
    mountDisk(dir, 1024 * 1024).unmount();
    return null;
  } catch (error) {
    return `no tmpfs can be mounted: ${(error as Error).message.trim().split('\n').at(-1)}`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

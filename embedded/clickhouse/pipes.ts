/** Named pipes between the engine, which writes files, and the event loop, which reads streams. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/** Node has no call for it; one `mkfifo` at the start makes them all. */
export function createPipes(directory: string, count: number): string[] {
  const paths = Array.from({ length: count }, (_, i) => join(directory, `rows-${i}`));
  execFileSync('mkfifo', ['-m', '600', ...paths]);
  return paths;
}

export interface OpenPipe {
  readable: Socket;
  /** Holds the pipe's writing side open until the engine is done: without it the reader would end before it began. */
  writable: Socket;
}

/**
 * Both sides are opened without blocking, the reading one first; the engine opens a writing side of its own. The
 * reader ends when the last writing side is closed.
 */
export function openPipe(path: string): OpenPipe {
  const reading_fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const writing_fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const readable = new Socket({ fd: reading_fd, readable: true, writable: false });
    const writable = new Socket({ fd: writing_fd, readable: false, writable: true });
    // A reader that left early closes the pipe under whoever writes; the statement's own outcome tells what happened.
    for (const side of [readable, writable]) side.on('error', () => {});
    return { readable, writable };
  } catch (error) {
    closeSync(reading_fd);
    throw error;
  }
}

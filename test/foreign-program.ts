/** Programs of other languages that tests run: fetched and built on the way, and skipped with a reason where they cannot be. */
import { execFile } from 'node:child_process';

const fetch_ms_max = 240_000;

export interface Outcome {
  readonly stdout: string;
  /** What went wrong, or null. */
  readonly error: string | null;
}

export function execute(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; ms_max: number },
) {
  const { cwd, ms_max } = options;
  const settings = { cwd, env: { ...process.env, ...options.env }, timeout: ms_max, maxBuffer: 64 * 1024 * 1024 };
  return new Promise<Outcome>(resolve => {
    execFile(command, args, settings, (error, stdout, stderr) => {
      const reason = `${command} ${args.slice(0, 3).join(' ')}: ${error?.message ?? ''}\n${stdout}${stderr}`;
      resolve({ stdout, error: error ? reason.slice(-4_000) : null });
    });
  });
}

export interface Program {
  readonly command: string;
  readonly args: string[];
}

type Step = [command: string, args: string[], cwd?: string];

/** Fetches and builds what a program needs; the reason, in words, where this machine cannot. */
export async function prepare(tools: string[], steps: Step[], program: Program): Promise<Program | string> {
  for (const tool of tools) {
    const found = await execute('sh', ['-c', `command -v ${tool}`], { ms_max: 10_000 });
    if (found.error) return `${tool} is not installed`;
  }
  for (const [command, args, cwd] of steps) {
    const { error } = await execute(command, args, { ms_max: fetch_ms_max, ...(cwd ? { cwd } : {}) });
    if (!error) continue;
    // A machine without a network runs the other tests all the same; where it counts, nothing may go missing.
    if (process.env.CI) throw new Error(error);
    return `what the client needs could not be fetched: ${error}`;
  }
  return program;
}

/** The composition root: `millrace <command>`. The commands are in cli/commands/, one file each. */
import { CommanderError } from 'commander';
import { createProgram } from './cli/program.ts';
import { MillraceError } from './lib/errors.ts';

/** Exit codes: 0 done, 1 it does not add up or failed, 2 unusable arguments, input or configuration, 130 Ctrl-C. */
async function main(): Promise<void> {
  closedPipes();
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
  // Native clients keep threads and handles after they are closed; what was printed goes out first.
  process.stdout.write('', () => process.exit());
}

/** Whoever reads may stop reading: `| head` is no failure, and progress that nobody reads is no reason to end. */
function closedPipes(): void {
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    process.exit(0);
  });
  process.stderr.on('error', error => {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  });
}

const unusable = new Set(['config', 'import', 'usage']);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof MillraceError)) {
    console.error(error);
    return 1;
  }
  // The signal has set the code, and whoever pressed Ctrl-C knows.
  if (error.code === 'interrupted') return Number(process.exitCode ?? 130);
  console.error(`error: ${error.message}${error.remedy ? `\n  → ${error.remedy}` : ''}`);
  return unusable.has(error.code) ? 2 : 1;
}

await main();

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Outcome } from '../../ingest/fixture.ts';
import { MillraceError, messageOf } from '../../lib/errors.ts';
import { print, printable, printJson, say } from '../terminal.ts';
import { withHelp } from './common.ts';

interface Result {
  readonly file: string;
  readonly passed: boolean;
  readonly differences: readonly string[];
  readonly outcome: readonly Outcome[];
}

/** `millrace test`: runs fixtures of hooks, events and files through the code that takes them. Starts nothing. */
export function test(program: Command): void {
  const command = program
    .command('test <paths...>')
    .description('run fixtures: inputs of hooks, events and files, and the records they must become')
    .option('--print', 'print what each input becomes, to begin a fixture with')
    .option('--json', 'machine-readable output')
    .action(async (paths: string[], options) => {
      const results = await Promise.all(paths.flatMap(filesIn).map(runFile));
      if (options.json) printJson(results);
      else for (const result of results) tell(result, Boolean(options.print));
      const failed = results.filter(({ passed }) => !passed).length;
      say(`${results.length - failed} passed, ${failed} failed`);
      if (failed > 0) process.exitCode = 1;
    });
  withHelp(command, {
    examples: ['millrace test fixtures/', 'millrace test fixtures/deals.yaml --print'],
    failure: 'a fixture became something else',
  });
}

function filesIn(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true })
      .map(String)
      .filter(name => /\.ya?ml$/.test(name));
    if (names.length === 0) throw new MillraceError('import', `${path}: there is no .yaml file`);
    return names.sort().map(name => join(path, name));
  } catch (error) {
    throw error instanceof MillraceError ? error : new MillraceError('import', `${path}: ${messageOf(error)}`);
  }
}

async function runFile(file: string): Promise<Result> {
  const { differences, readFixture, runFixture } = await import('../../ingest/fixture.ts');
  const fixture = readFixture(readFileSync(file, 'utf8'), file);
  const outcome = await runFixture(fixture);
  const found = differences(fixture.expect, outcome);
  return { file, passed: found.length === 0, differences: found, outcome };
}

function tell({ file, passed, differences: found, outcome }: Result, whole: boolean): void {
  print(printable(`${passed ? 'ok  ' : 'FAIL'} ${file}`));
  for (const line of found) print(printable(`     ${line}`));
  if (whole) printJson(outcome, 2);
}

/** What the commands share: their options, their help, the parsers of their arguments. */
import { type Command, InvalidArgumentError, Option } from 'commander';

export interface Help {
  /** Whole command lines, as a reader would paste them. */
  readonly examples: readonly string[];
  /** What exit code 1 means here. */
  readonly failure?: string;
}

/** Ends a command's help with its examples and exit codes. */
export function withHelp(command: Command, { examples, failure = 'it failed' }: Help): Command {
  const lines = examples.map(example => `  ${example}`).join('\n');
  const codes = `0 done, 1 ${failure}, 2 unusable arguments, input or configuration`;
  return command.addHelpText('after', `\nExamples:\n${lines}\n\nExit codes: ${codes}`);
}

export const dataDirDefault = (): string => process.env.MILLRACE_DATA_DIR ?? '.millrace';

/** A command that talks to an instance: the one of the data directory, or a remote one. */
export function instanceCommand(program: Command, usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('--data-dir <dir>', 'the instance', dataDirDefault())
    .addOption(new Option('--url <url>', 'a remote instance').env('MILLRACE_URL'))
    .addOption(new Option('--token <token>', 'for a remote instance').env('MILLRACE_TOKEN'))
    .option('--json', 'machine-readable output');
}

export function portNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('a port is 0 to 65535');
  return number;
}

export function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1');
  return number;
}

export function seconds(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError('seconds, 0 or more');
  return number;
}

/** `millrace` with all its commands, not yet parsed. */
import { Command } from 'commander';
import { commands } from './commands/index.ts';

/** Parsing throws CommanderError, for help and version too; nothing here ends the process. */
export function createProgram(): Command {
  const program = new Command('millrace')
    .description("Real-time business intelligence from a company's own mail, CRM and events")
    .version('0.1.0')
    // `--version` of a command is its own.
    .enablePositionalOptions()
    .showHelpAfterError('--help says more')
    .showSuggestionAfterError()
    .exitOverride();
  for (const add of commands) add(program);
  return program;
}

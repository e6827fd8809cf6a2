import { Argument, type Command } from 'commander';
import { completionFor, type Shell, shells } from '../completion.ts';
import { withHelp } from './common.ts';

export function completion(program: Command): void {
  const command = program
    .command('completion')
    .description('print a shell completion script')
    .addArgument(new Argument('<shell>', 'which').choices(shells))
    .action((shell: Shell) => void process.stdout.write(completionFor(shell, program)));
  withHelp(command, { examples: ['eval "$(millrace completion bash)"', 'millrace completion fish | source'] });
}

import type { Command } from 'commander';
import { print, printable, printJson, say } from '../terminal.ts';
import { withHelp } from './common.ts';

/** `millrace lint`: every fault of configuration files and CSV mappings, with its place. Starts nothing. */
export function lint(program: Command): void {
  const command = program
    .command('lint <files...>')
    .description('say what is wrong with configuration files and CSV mappings')
    .option('--json', 'machine-readable output')
    .action(async (files: string[], options) => {
      const { lint: lintFile } = await import('../lint.ts');
      const findings = files.flatMap(lintFile);
      const errors = findings.filter(({ severity }) => severity === 'error').length;
      if (options.json) printJson(findings);
      else {
        for (const { file, line, column, path, severity, message } of findings) {
          print(printable(`${file}:${line}:${column} ${severity}: ${path ? `${path}: ` : ''}${message}`));
        }
        say(`files: ${files.length}, errors: ${errors}, warnings: ${findings.length - errors}`);
      }
      if (errors > 0) process.exitCode = 1;
    });
  withHelp(command, {
    examples: ['millrace lint millrace.yaml', 'millrace lint millrace.yaml orders.yaml --json'],
    failure: 'there are errors, not only warnings',
  });
}

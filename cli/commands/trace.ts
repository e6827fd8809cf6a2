import type { Command } from 'commander';
import { withInstance } from '../instance.ts';
import { printJson } from '../terminal.ts';
import { instanceCommand, withHelp } from './common.ts';

export function trace(program: Command): void {
  const command = instanceCommand(program, 'trace <id>', 'show every step of a record, by its id or Message-ID').action(
    async (id: string, options) => {
      const trace = await withInstance(options, client => client.get(`/api/trace/${encodeURIComponent(id)}`));
      printJson(trace, options.json ? 0 : 2);
    },
  );
  withHelp(command, { examples: ["millrace trace '<message-id@example.com>'"] });
}

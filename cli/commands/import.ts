import type { Command } from 'commander';
import { MillraceError } from '../../lib/errors.ts';
import { openDataDir } from '../data-dir.ts';
import { importPaths } from '../import.ts';
import { withInstance } from '../instance.ts';
import { report } from '../report.ts';
import { say } from '../terminal.ts';
import { instanceCommand, withHelp } from './common.ts';

export function importFiles(program: Command): void {
  const command = instanceCommand(
    program,
    'import <paths...>',
    'import mbox, .eml and NDJSON files or folders (.gz too; - for standard input)',
  )
    .option('--organization <id>', 'the organisation that the records belong to')
    .option('--mailbox <address>', 'the mailbox that the mail was delivered to')
    .option('--owner <id>', 'the user that the records belong to')
    .option('--team <id>', 'the team that the records belong to')
    .action(async (paths: string[], options) => {
      const settled = await withInstance(options, client =>
        importPaths(client, paths, {
          data_dir: openDataDir(options.dataDir).path,
          ...(options.organization ? { organization_id: options.organization } : {}),
          ...(options.mailbox ? { mailbox: options.mailbox } : {}),
          ...(options.owner ? { owner_id: options.owner } : {}),
          ...(options.team ? { team_id: options.team } : {}),
        }),
      ).catch(goesOn);
      report(settled, options.json);
    });
  withHelp(command, {
    examples: ['millrace import ~/my.mbox', 'zcat crm.ndjson.gz | millrace import -'],
    failure: 'it failed or does not add up',
  });
}

/** Ctrl-C ends the waiting: the instance has taken the import over. */
function goesOn(error: unknown): never {
  if (error instanceof MillraceError && error.code === 'interrupted') {
    say('the import goes on in the instance, or at its next start; `millrace reconcile` shows how far it is');
  }
  throw error;
}

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Mapping } from '../../ingest/csv/mapping.ts';
import { MillraceError, messageOf } from '../../lib/errors.ts';
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
    'import mbox, .eml, NDJSON and CSV files, maildirs and folders of .eml files (.gz too; - for standard input)',
  )
    .option('--mapping <file>', 'which columns of a CSV file feed which fields, in YAML (docs/imports.md)')
    .option('--exclude-folder <name...>', 'subfolders that are left out, like Personal')
    .option('--organization <id>', 'the organisation that the records belong to')
    .option('--mailbox <address>', 'the mailbox that the mail was delivered to')
    .option('--owner <id>', 'the user that the records belong to')
    .option('--team <id>', 'the team that the records belong to')
    .action(async (paths: string[], options) => {
      const mapping = options.mapping ? await readMapping(options.mapping) : null;
      const settled = await withInstance(options, client =>
        importPaths(client, paths, {
          data_dir: openDataDir(options.dataDir).path,
          ...(mapping ? { mapping } : {}),
          ...(options.excludeFolder ? { exclude_folders: options.excludeFolder } : {}),
          ...(options.organization ? { organization_id: options.organization } : {}),
          ...(options.mailbox ? { mailbox: options.mailbox } : {}),
          ...(options.owner ? { owner_id: options.owner } : {}),
          ...(options.team ? { team_id: options.team } : {}),
        }),
      ).catch(goesOn);
      report(settled, options.json);
    });
  withHelp(command, {
    examples: [
      'millrace import ~/my.mbox ~/Maildir',
      'millrace import ~/Maildir --exclude-folder Personal Junk',
      'millrace import hubspot-deals.csv',
      'millrace import --mapping orders.yaml orders.csv',
      'zcat crm.ndjson.gz | millrace import -',
    ],
    failure: 'it failed or does not add up',
  });
}

async function readMapping(file: string): Promise<Mapping> {
  const { parseMapping } = await import('../../ingest/csv/mapping.ts');
  try {
    return parseMapping(readFileSync(file, 'utf8'), file);
  } catch (error) {
    throw error instanceof MillraceError ? error : new MillraceError('import', `${file}: ${messageOf(error)}`);
  }
}

/** Ctrl-C ends the waiting: the instance has taken the import over. */
function goesOn(error: unknown): never {
  if (error instanceof MillraceError && error.code === 'interrupted') {
    say('the import goes on in the instance, or at its next start; `millrace reconcile` shows how far it is');
  }
  throw error;
}

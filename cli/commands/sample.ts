import type { Command } from 'commander';
import { sample_organization_id } from '../../schemas/sample.ts';
import { withInstance } from '../instance.ts';
import { count, print } from '../terminal.ts';
import { instanceCommand, withHelp } from './common.ts';

interface Removal {
  organization_id: string;
  deleted_rows: number;
}

export function sample(program: Command): void {
  const group = program.command('sample').description('the sample company that `up` streams in');
  const remove = instanceCommand(group, 'remove', 'remove the sample company, for good').action(async options => {
    const path = `/api/organizations/${sample_organization_id}`;
    const removal = await withInstance(options, client => client.send<Removal>('DELETE', path));
    print(options.json ? JSON.stringify(removal) : `removed the sample company: ${count(removal.deleted_rows)} rows`);
  });
  withHelp(remove, { examples: ['millrace sample remove'] });
}

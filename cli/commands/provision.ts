import type { Command } from 'commander';
import { print } from '../terminal.ts';
import { withHelp } from './common.ts';

/** `millrace topics` and `millrace migrate`: what the roles need on a cluster. */
export function provision(program: Command): void {
  const topics = program
    .command('topics')
    .description('create the topics and register their schemas')
    .option('--config <file>', 'configuration file (YAML)')
    .action(async options => {
      const { provisionTopics, configOf } = await parts();
      const { created, registered } = await provisionTopics(configOf(options.config));
      print(`created ${created.length} topics, registered ${registered.length} schemas`);
    });
  withHelp(topics, { examples: ['millrace topics --config millrace.yaml'] });

  const migrate = program
    .command('migrate')
    .description('create or update the tables')
    .option('--config <file>', 'configuration file (YAML)')
    .action(async options => {
      const { provisionTables, configOf } = await parts();
      const applied = await provisionTables(configOf(options.config).clickhouse);
      print(applied.length === 0 ? 'the tables are up to date' : `applied ${applied.join(', ')}`);
    });
  withHelp(migrate, { examples: ['millrace migrate --config millrace.yaml'] });
}

const parts = async () => ({ ...(await import('../provision.ts')), ...(await import('../config-of.ts')) });

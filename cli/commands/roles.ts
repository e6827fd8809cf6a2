import type { Command } from 'commander';
import type { RoleName } from '../run-role.ts';
import { withHelp } from './common.ts';

const roleNames: readonly RoleName[] = ['ingest', 'process', 'sink', 'api'];

/** `millrace ingest | process | sink | api`: one role alone, as on a cluster. */
export function roles(program: Command): void {
  for (const name of roleNames) {
    const command = program
      .command(name)
      .description(`run the ${name} role alone`)
      .option('--config <file>', 'configuration file (YAML)')
      .action(async options => {
        // The engines' clients take long to load, and only these commands need them.
        const { runRole } = await import('../run-role.ts');
        await runRole(name, options.config);
      });
    withHelp(command, { examples: [`millrace ${name} --config millrace.yaml`] });
  }
}

import { type Command, Option } from 'commander';
import { roles } from '../../query-api/auth/roles.ts';
import { openDataDir } from '../data-dir.ts';
import { signToken } from '../sign-in.ts';
import { print } from '../terminal.ts';
import { dataDirDefault, withHelp } from './common.ts';

export function token(program: Command): void {
  const command = program
    .command('token')
    .description('print a token, valid for 30 minutes')
    .option('--data-dir <dir>', 'the instance', dataDirDefault())
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).default('admin'))
    .option('--user <name>', 'whose', 'admin')
    .action(async options => {
      const { withFiles } = await import('../../config.ts');
      const secret = withFiles(process.env).MILLRACE_JWT_SECRET ?? openDataDir(options.dataDir).secrets().jwt;
      print(await signToken(secret, options.user, options.role));
    });
  withHelp(command, { examples: ['millrace token', 'millrace token --role viewer --user ada'] });
}

import type { Command } from 'commander';
import { MillraceError, messageOf } from '../../lib/errors.ts';
import { createLifecycle, type Lifecycle, stopOnSignals } from '../../lib/lifecycle.ts';
import { createLog } from '../../lib/log.ts';
import { openDataDir } from '../data-dir.ts';
import { signToken } from '../sign-in.ts';
import { print, say } from '../terminal.ts';
import { dataDirDefault, portNumber, withHelp } from './common.ts';

export function up(program: Command): void {
  const command = program
    .command('up')
    .description('run everything here, embedded where no cluster is named; prints `ready URL`')
    .option('--data-dir <dir>', 'where this instance keeps everything', dataDirDefault())
    .option('--port <n>', 'port of the API and the page; 0 picks a free one', portNumber, 8088)
    .option('--no-sample', 'do not stream in the sample company')
    .option('--config <file>', 'configuration file (YAML)')
    .action(async options => {
      const log = createLog('up', process.env.MILLRACE_LOG_LEVEL ?? 'warn');
      const lifecycle = createLifecycle(log);
      stopOnSignals(lifecycle);
      try {
        const data_dir = openDataDir(options.dataDir);
        const { up: run } = await import('../up.ts');
        const { withFiles } = await import('../../config.ts');
        const url = await run({ ...options, data_dir: data_dir.path, env: withFiles(process.env) }, lifecycle, log);
        const token = await signToken(data_dir.secrets().jwt, 'admin', 'admin');
        print(`ready ${url}`);
        say(`sign in with the token ${token}\nor open ${url}/#token=${token}`);
        await lifecycle.stopped;
        if (!wasAsked(lifecycle)) throw new MillraceError('stopped', String(lifecycle.signal.reason));
      } catch (error) {
        await lifecycle.stop(messageOf(error));
        // A start that was told to stop fails wherever it was: that is no fault to tell of.
        if (!wasAsked(lifecycle)) throw error;
      }
    });
  withHelp(command, { examples: ['millrace up', 'millrace up --port 0 --no-sample --data-dir /srv/millrace'] });
}

function wasAsked({ signal }: Lifecycle): boolean {
  const reason = String(signal.reason);
  return reason.startsWith('SIG') || reason === 'supervisor gone';
}

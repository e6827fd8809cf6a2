/** The composition root: `millrace <command>`. What is opened here is released in reverse order on a signal. */
import { Command, InvalidArgumentError } from 'commander';
import { openDataDir } from './cli/data-dir.ts';
import { enrich } from './cli/enrich.ts';
import { importPaths } from './cli/import.ts';
import { withInstance } from './cli/instance.ts';
import { provisionTables, provisionTopics } from './cli/provision.ts';
import { roles } from './cli/roles.ts';
import { lineOf, type Settled, waitUntilSettled } from './cli/settle.ts';
import { sql } from './cli/sql.ts';
import { tail } from './cli/tail.ts';
import { print, say } from './cli/terminal.ts';
import { up } from './cli/up.ts';
import { type Config, loadConfig } from './config.ts';
import { MillraceError, messageOf } from './lib/errors.ts';
import { createLifecycle, stopOnSignals } from './lib/lifecycle.ts';
import { createLog } from './lib/log.ts';
import { createMetrics } from './lib/metrics.ts';
import { roles as signInRoles } from './query-api/auth/roles.ts';
import { createTokens } from './query-api/auth/tokens.ts';

const roleNames = ['ingest', 'process', 'sink', 'api'] as const;

const program = new Command('millrace')
  .description("Real-time business intelligence from a company's own mail, CRM and events")
  .version('0.1.0')
  .showHelpAfterError()
  .showSuggestionAfterError()
  .exitOverride();

program
  .command('up')
  .description('run everything here, embedded where no cluster is named; prints `ready URL`')
  .option('--data-dir <dir>', 'where this instance keeps everything', process.env.MILLRACE_DATA_DIR ?? '.millrace')
  .option('--port <n>', 'port of the API and the page; 0 picks a free one', portNumber, 8088)
  .option('--no-sample', 'do not stream in the sample company')
  .option('--config <file>', 'configuration file (YAML)')
  .addHelpText('after', '\nExamples:\n  millrace up\n  millrace up --port 0 --no-sample --data-dir /srv/millrace')
  .action(async options => {
    const log = createLog('up', process.env.MILLRACE_LOG_LEVEL ?? 'warn');
    const lifecycle = createLifecycle(log);
    stopOnSignals(lifecycle);
    try {
      const data_dir = openDataDir(options.dataDir);
      const url = await up({ ...options, data_dir: data_dir.path, env: process.env }, lifecycle, log);
      const token = await createTokens(data_dir.secrets().jwt).sign('admin', 'admin');
      print(`ready ${url}`);
      say(`sign in with the token ${token}\nor open ${url}/#token=${token}`);
      await lifecycle.stopped;
      const reason = String(lifecycle.signal.reason);
      if (!reason.startsWith('SIG') && reason !== 'supervisor gone') throw new MillraceError('stopped', reason);
    } catch (error) {
      await lifecycle.stop(messageOf(error));
      throw error;
    }
  });

for (const name of roleNames) {
  program
    .command(name)
    .description(`run the ${name} role alone`)
    .option('--config <file>', 'configuration file (YAML)')
    .action(async options => runRole(name, options.config));
}

program
  .command('topics')
  .description('create the topics and register their schemas')
  .option('--config <file>', 'configuration file (YAML)')
  .action(async options => {
    const { created, registered } = await provisionTopics(configOf(options.config, []).kafka);
    print(`created ${created.length} topics, registered ${registered.length} schemas`);
  });

program
  .command('migrate')
  .description('create or update the tables')
  .option('--config <file>', 'configuration file (YAML)')
  .action(async options => {
    const applied = await provisionTables(configOf(options.config, []).clickhouse);
    print(applied.length === 0 ? 'the tables are up to date' : `applied ${applied.join(', ')}`);
  });

instanceCommand('import <paths...>', 'import mbox, .eml and NDJSON files or folders (.gz too; - for standard input)')
  .option('--organization <id>', 'the organisation that the records belong to')
  .option('--mailbox <address>', 'the mailbox that the mail was delivered to')
  .option('--owner <id>', 'the user that the records belong to')
  .option('--team <id>', 'the team that the records belong to')
  .addHelpText('after', '\nExamples:\n  millrace import ~/my.mbox\n  zcat crm.ndjson.gz | millrace import -')
  .action(async (paths: string[], options) => {
    const settled = await withInstance(options, client =>
      importPaths(client, paths, {
        data_dir: openDataDir(options.dataDir).path,
        ...(options.organization ? { organization_id: options.organization } : {}),
        ...(options.mailbox ? { mailbox: options.mailbox } : {}),
        ...(options.owner ? { owner_id: options.owner } : {}),
        ...(options.team ? { team_id: options.team } : {}),
      }),
    );
    report(settled, options.json);
  });

instanceCommand('reconcile', 'show how what each source read has ended; exit 1 where it does not add up')
  .option('--wait <seconds>', 'how long records in flight may take to settle', Number, 60)
  .action(async options => {
    const settled = await withInstance(options, client => waitUntilSettled(client, options.wait * 1000));
    report(settled, options.json);
  });

instanceCommand('sql <query>', 'run a read-only query')
  .option('--format <name>', 'a ClickHouse format', 'PrettyCompactMonoBlock')
  .addHelpText('after', '\nExample:\n  millrace sql "SELECT category, count() FROM emails GROUP BY category"')
  .action(async (query: string, options) => {
    await withInstance(options, client => sql(client, query, options.json ? 'JSON' : options.format));
  });

instanceCommand('tail <feed>', 'print a live feed: emails, customers, interactions, duplicates, dead_letters')
  .option('--count <n>', 'stop after so many records', Number, Number.POSITIVE_INFINITY)
  .action(async (feed: string, options) => {
    const controller = new AbortController();
    process.once('SIGINT', () => controller.abort());
    process.once('SIGTERM', () => controller.abort());
    await withInstance(options, client => tail(client, feed, options.count, controller.signal));
  });

instanceCommand('trace <id>', 'show every step of a record, by its id or Message-ID').action(
  async (id: string, options) => {
    const trace = await withInstance(options, client => client.get(`/api/trace/${encodeURIComponent(id)}`));
    print(JSON.stringify(trace, null, options.json ? 0 : 2));
  },
);

program
  .command('enrich')
  .description('enrich a raw mail, or NDJSON lines {"text"} or {"mail"}, from standard input; needs no server')
  .addHelpText('after', `\nExample:\n  echo '{"text": "I love it"}' | millrace enrich`)
  .action(async () => {
    for await (const answer of enrich(process.stdin)) print(JSON.stringify(answer));
  });

program
  .command('token')
  .description('print a token, valid for 30 minutes')
  .option('--data-dir <dir>', 'the instance', process.env.MILLRACE_DATA_DIR ?? '.millrace')
  .option('--role <role>', signInRoles.join(', '), oneOf(signInRoles), 'admin')
  .option('--user <name>', 'whose', 'admin')
  .action(async options => {
    const secret = process.env.MILLRACE_JWT_SECRET ?? openDataDir(options.dataDir).secrets().jwt;
    print(await createTokens(secret).sign(options.user, options.role));
  });

function instanceCommand(usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('--data-dir <dir>', 'the instance', process.env.MILLRACE_DATA_DIR ?? '.millrace')
    .option('--url <url>', 'a remote instance', process.env.MILLRACE_URL)
    .option('--token <token>', 'for a remote instance', process.env.MILLRACE_TOKEN)
    .option('--json', 'machine-readable output');
}

function configOf(file: string | undefined, need: ('api' | 'ingest')[]): Config {
  return loadConfig({ ...(file === undefined ? {} : { file }), env: process.env, need });
}

async function runRole(name: (typeof roleNames)[number], file: string | undefined): Promise<void> {
  const config = configOf(file, name === 'api' || name === 'ingest' ? [name] : []);
  const log = createLog(name, config.log_level);
  const lifecycle = createLifecycle(log);
  stopOnSignals(lifecycle);
  const metrics = createMetrics(name);
  // A process that cannot go on ends at once: what was not committed is read again, and a clean stop would try to commit.
  const onFatal = (error: Error): void => {
    log.fatal({ error: messageOf(error) }, 'ending');
    process.exit(70);
  };
  const ready = await roles[name]({ config, log, lifecycle, metrics, onFatal });
  log.info({ ...ready }, 'ready');
  if (process.send) process.send({ ready: true, ...ready });
  else print(`ready ${ready.url ?? name}`);
  await lifecycle.stopped;
  log.info('stopped');
}

function report({ sources, balanced, line }: Settled, json: boolean): void {
  if (json) print(JSON.stringify({ balanced, sources }));
  else {
    for (const row of sources) {
      print(`${row.organization_id}/${row.source}: ${lineOf([row])}${row.error ? `   (${row.error})` : ''}`);
    }
    print(`${balanced ? '' : 'DOES NOT ADD UP: '}${line}`);
  }
  const failed = sources.filter(row => row.error !== null);
  for (const row of failed) say(`${row.source} ended early: ${row.error}`);
  if (!balanced) process.exitCode = 1;
}

function portNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('a port is 0 to 65535');
  return number;
}

function oneOf(names: readonly string[]): (value: string) => string {
  return value => {
    if (!names.includes(value)) throw new InvalidArgumentError(`one of ${names.join(', ')}`);
    return value;
  };
}

/** Exit codes: 0 done, 1 it does not add up or failed, 2 unusable arguments or configuration. */
async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
  // Native clients keep threads and handles after they are closed; what was printed goes out first.
  process.stdout.write('', () => process.exit());
}

function exitCodeOf(error: unknown): number {
  const commander = error as { code?: string; exitCode?: number };
  if (commander.code?.startsWith('commander.')) return commander.exitCode === 0 ? 0 : 2;
  if (!(error instanceof MillraceError)) {
    console.error(error);
    return 1;
  }
  console.error(`error: ${error.message}${error.remedy ? `\n  → ${error.remedy}` : ''}`);
  return error.code === 'config' || error.code === 'import' ? 2 : 1;
}

await main();

import type { Command } from 'commander';
import { print, printable, printJson } from '../terminal.ts';
import { dataDirDefault, portNumber, withHelp } from './common.ts';

/** `millrace check`: tries what the configuration names. */
export function check(program: Command): void {
  const command = program
    .command('check')
    .description('try what the configuration names: Kafka, ClickHouse, the registry, the directory, the instance')
    .option('--config <file>', 'the configuration of the roles')
    .option('--data-dir <dir>', 'the instance', dataDirDefault())
    .option('--port <n>', 'that `millrace up` would take', portNumber, 8088)
    .option('--json', 'machine-readable output')
    .action(async options => {
      const { check: probeAll } = await import('../check.ts');
      const { configOf } = await import('../config-of.ts');
      const isExternal =
        options.config !== undefined || Boolean(process.env.KAFKA_BROKERS ?? process.env.CLICKHOUSE_URL);
      const config = isExternal ? configOf(options.config) : null;
      const probes = await probeAll({ config, data_dir: options.dataDir, port: options.port });
      if (options.json) printJson(probes);
      else {
        for (const { name, ok, detail, remedy, took_ms } of probes) {
          const line = `${ok ? 'ok  ' : 'FAIL'} ${name} (${took_ms} ms): ${detail}${remedy ? `; ${remedy}` : ''}`;
          print(printable(line, '\n'));
        }
      }
      if (probes.some(({ ok }) => !ok)) process.exitCode = 1;
    });
  withHelp(command, {
    examples: [
      'millrace check',
      'KAFKA_BROKERS=kafka:9092 CLICKHOUSE_URL=http://clickhouse:8123 millrace check --json',
    ],
    failure: 'something cannot be used',
  });
}

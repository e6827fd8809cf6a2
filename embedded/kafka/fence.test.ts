import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controllerAlone, hasFenced, wasKilled } from './fence.ts';
import { serverProperties } from './properties.ts';

let store_dir: string;
beforeEach(() => {
  store_dir = mkdtempSync(join(tmpdir(), 'millrace-fence-'));
});
afterEach(() => rmSync(store_dir, { recursive: true, force: true }));

/** As Kafka leaves them: formatting makes the folder, the first run the state. */
function formatted(): void {
  mkdirSync(join(store_dir, '__cluster_metadata-0'));
  writeFileSync(join(store_dir, '__cluster_metadata-0', '00000000000000000000-0000000000.checkpoint'), '');
}
const ran = (): void => writeFileSync(join(store_dir, '__cluster_metadata-0', 'quorum-state'), '{}');

describe('wasKilled', () => {
  it('says no of a store that was never run, formatted or not', () => {
    expect(wasKilled(store_dir)).toBe(false);
    formatted();
    expect(wasKilled(store_dir)).toBe(false);
  });

  it('says yes of one that ran, unless it was closed cleanly', () => {
    formatted();
    ran();
    expect(wasKilled(store_dir)).toBe(true);
    writeFileSync(join(store_dir, '.kafka_cleanshutdown'), '');
    expect(wasKilled(store_dir)).toBe(false);
  });
});

it('a controller alone has the controller’s listener and no other', () => {
  const settings = { log_dir: '/store', client_port: 1, controller_port: 2, user: 'u', password: 'p' };
  const lines = controllerAlone(serverProperties(settings)).split('\n');
  expect(lines).toContain('process.roles=controller');
  expect(lines).toContain('listeners=CONTROLLER://127.0.0.1:2');
  expect(lines).toContain('broker.session.timeout.ms=2000');
  expect(lines.some(line => line.startsWith('advertised.listeners='))).toBe(false);
});

it('a broker is fenced once that is written, not when it is decided', () => {
  const decided = [
    'Fencing broker 1 at epoch 12 because its session has timed out.',
    'handleBrokerFenced: changing 31 partition(s)',
    'Read-write operation maybeFenceStaleBroker(906242188) will be completed when the log reaches offset 138.',
    'Processed writeNoOpRecord(217376599) in 26910 us',
    'Processed maybeFenceStaleBroker(90624218) in 478 us',
  ].join('\n');
  expect(hasFenced(decided)).toBe(false);
  expect(hasFenced(`${decided}\nProcessed maybeFenceStaleBroker(906242188) in 26481 us`)).toBe(true);
});

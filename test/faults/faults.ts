/**
 * Faults, and what must hold through each: everything committed is what the input says, once, in Kafka and in ClickHouse,
 * live and in the end. A fault that had no effect proves nothing, so each shows that it had one. And a test that cannot
 * find a fault proves nothing either: each is run on a build with a deliberate one (broken/), and must turn red.
 *
 * The short pass runs in CI; `npm run test:faults -- --controls` runs them on the broken builds, `-- --long` the whole.
 */

import { whyNoDisk } from './disk.ts';
import { fullBroker, fullClickHouse } from './full-disks.ts';
import { corrupt, loseEndTxn } from './hostile.ts';
import { killBroker, killClickHouse, killRoles, stopBroker } from './kills.ts';
import type { Findings } from './oracle.ts';
import { comeAndGo } from './scaling.ts';
import { rebalance, stopProcess, stopSource, takeOver } from './takeovers.ts';
import type { Trial } from './trial.ts';

export interface Fault {
  readonly run: (trial: Trial) => Promise<Findings>;
  /** A build in which it does harm. */
  readonly broken: string;
  /** Why it cannot be run here; null where it can. */
  readonly absent?: () => string | null;
}

/** What is done to processes and servers as a whole. */
export const ends: Readonly<Record<string, Fault>> = {
  'kill -9 of one role at a time': { run: killRoles, broken: 'offsets-outside-the-transaction' },
  'kill -9 of the broker': { run: killBroker, broken: 'positions-ahead-of-the-records' },
  'the broker stopped past its session': { run: stopBroker, broken: 'positions-ahead-of-the-records' },
  'ClickHouse killed and stopped': { run: killClickHouse, broken: 'a-new-token-each-time' },
  'a full disk under Kafka': { run: fullBroker, broken: 'positions-ahead-of-the-records', absent: whyNoDisk },
  'a full disk under ClickHouse': { run: fullClickHouse, broken: 'a-full-disk-is-taken-for-stored', absent: whyNoDisk },
};

/** What happens between them: partitions that change hands, answers that are lost, records that are none. */
export const upsets: Readonly<Record<string, Fault>> = {
  'a process stopped past its session': { run: stopProcess, broken: 'offsets-outside-the-transaction' },
  'a reader of sources stopped past its session': { run: stopSource, broken: 'a-producer-of-its-own' },
  'rebalance with a transaction open': { run: rebalance, broken: 'commit-after-revocation' },
  'EndTxn lost or delayed': { run: loseEndTxn, broken: 'reads-what-is-not-committed' },
  'a takeover with a transaction open': { run: takeOver, broken: 'restore-that-stops-early' },
  'instances come and go': { run: comeAndGo, broken: 'plans-that-are-forgotten' },
  'records that are none': { run: corrupt, broken: 'letters-that-are-not-sent' },
};

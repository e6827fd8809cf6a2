/**
 * A broker that was killed is registered with the controller until its session ends. Started again as broker and controller
 * in one, it first takes itself for that registered broker and loads its transactions; then the session ends, and for a
 * moment no partition has a leader. A transaction that is being completed in that moment is marked complete without its
 * markers: Kafka 4 takes a partition without a leader for one that was deleted (TransactionMarkerChannelManager asks
 * KRaftMetadataCache.getPartitionLeaderEndpoint, which answers nothing for both). What was in it then hangs, for good: readers
 * stand still before it, and the producer's next commit commits it too.
 *
 * So after a kill the session, made short, is waited out by a controller alone, which has no transactions to complete. The
 * same moment comes for a broker that runs and stood still for longer than its session (a machine that is overloaded or
 * paused), so a node that is the only one has a session that does not end.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hasEnded, stopChild } from '../child.ts';

export interface FenceOptions {
  /** The broker's `log.dirs`. */
  readonly store_dir: string;
  readonly properties_path: string;
  readonly log_path: string;
  /** Starts the JVM with these properties and these options, writing to the log. */
  launch(properties_path: string, jvm_options: readonly string[]): ChildProcess;
}

const fence_ms_max = 60_000;
const session_timeout_ms = 2_000;
/** Sessions begin when the controller does; one that has not ended by then was none. */
const unfenced_ms_max = 3 * session_timeout_ms;
const poll_ms = 50;
const stop_ms_max = 15_000;
const controller_log = '-Dorg.slf4j.simpleLogger.log.org.apache.kafka.controller';
const jvm_options = [`${controller_log}.QuorumController=debug`, `${controller_log}.ReplicationControlManager=info`];

/** Whether a broker was killed on the store: one that is new, or that was closed cleanly, has nobody to be fenced. */
export function wasKilled(store_dir: string): boolean {
  // Written when the node runs first; its folder is made by the formatting already.
  const hasRun = existsSync(join(store_dir, '__cluster_metadata-0', 'quorum-state'));
  return hasRun && !existsSync(join(store_dir, '.kafka_cleanshutdown'));
}

/** Does nothing where no broker was killed. */
export async function fenceKilledBroker(options: FenceOptions): Promise<void> {
  const { store_dir, properties_path, log_path } = options;
  if (!wasKilled(store_dir)) return;
  const path = `${properties_path}.controller`;
  writeFileSync(path, controllerAlone(readFileSync(properties_path, 'utf8')), { mode: 0o600 });
  const from = existsSync(log_path) ? statSync(log_path).size : 0;
  const child = options.launch(path, jvm_options);
  const until_ms = Date.now() + fence_ms_max;
  let active_at_ms = Number.POSITIVE_INFINITY;
  while (Date.now() < until_ms && !hasEnded(child)) {
    const said = readFileSync(log_path).subarray(from).toString('latin1');
    if (isActive(said)) active_at_ms = Math.min(active_at_ms, Date.now());
    if (hasFenced(said) || Date.now() > active_at_ms + unfenced_ms_max) break;
    await wait(poll_ms);
  }
  await stopChild(child, stop_ms_max);
}

const isActive = (said: string): boolean => said.includes('Becoming the active controller');

/** Decided is not written: a controller that is stopped in between leaves the broker registered. */
export const hasFenced = (said: string): boolean =>
  /Fencing broker.*?Read-write operation (\S+) will be completed.*Processed \1 in/s.test(said);

/** The same node without its broker, which it does not wait for long. */
export function controllerAlone(properties: string): string {
  return properties
    .split('\n')
    .filter(line => !/^(advertised\.listeners|inter\.broker\.listener\.name)=/.test(line))
    .map(line => line.replace(/^process\.roles=.*/, 'process.roles=controller'))
    .map(line => line.replace(/^listeners=.*(CONTROLLER:\/\/[^,]*).*/, 'listeners=$1'))
    .map(line => line.replace(/^(broker\.session\.timeout\.ms)=.*/, `$1=${session_timeout_ms}`))
    .join('\n');
}

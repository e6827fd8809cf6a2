/**
 * The greeting of ClickHouse's Go driver (Grafana's ClickHouse data source) over HTTP.
 *
 * The driver reads the answer in the newest framing it knows, and everything after it in the one whose revision the
 * answer names. The engine writes Native of revision 0 and no other, so the answer is made here, and names 0.
 */

const GREETING = /^\s*SELECT\s+displayName\(\),\s*version\(\),\s*revision\(\),\s*timezone\(\)\s*;?\s*$/;
/** Revisions of the protocol from which on a block begins with its info, and a column tells its serialization. */
const block_info_revision = 51_903;
const custom_serialization_revision = 54_454;
/** Field 1: no overflow row. Field 2: bucket -1. Field 0: end. */
const block_info = Buffer.from('010002ffffffff00', 'hex');

export interface Greeting {
  display_name: string;
  version: string;
  timezone: string;
}

/** @param revision the client's, from `client_protocol_version`; 0 where it names none */
export function isGreeting(text: string, format: string, revision: number): boolean {
  return format === 'Native' && revision >= block_info_revision && GREETING.test(text);
}

export function greetingBlock({ display_name, version, timezone }: Greeting, revision: number): Buffer {
  const marks = revision >= custom_serialization_revision ? Buffer.from([0]) : Buffer.alloc(0);
  const column = (name: string, type: string, value: Buffer): Buffer[] => [string(name), string(type), marks, value];
  const columns = [
    ...column('displayName()', 'String', string(display_name)),
    ...column('version()', 'String', string(version)),
    ...column('revision()', 'UInt32', Buffer.alloc(4)),
    ...column('timezone()', 'String', string(timezone)),
  ];
  // Four columns, one row.
  return Buffer.concat([block_info, Buffer.from([4, 1]), ...columns]);
}

/** Behind its length, which is below 128 and so one byte. */
function string(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, 127);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

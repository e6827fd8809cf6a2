/** How what was read has ended, a line a source; and, where asked for, a line a topic. */
import type { TopicRow } from './client.ts';
import { lineOf, type Settled } from './settle.ts';
import { count, print, say } from './terminal.ts';

/** Sets exit code 1 where it does not add up. */
export function report({ sources, balanced, line }: Settled, json: boolean, topics: readonly TopicRow[] = []): void {
  const isWhole = balanced && topics.every(topic => topic.balanced);
  if (json) print(JSON.stringify({ balanced: isWhole, sources, ...(topics.length > 0 ? { topics } : {}) }));
  else {
    for (const row of sources) {
      print(`${row.organization_id}/${row.source}: ${lineOf([row])}${row.error ? `   (${row.error})` : ''}`);
    }
    for (const row of topics) print(topicLine(row));
    print(`${isWhole ? '' : 'DOES NOT ADD UP: '}${line}`);
  }
  const failed = sources.filter(row => row.error !== null);
  for (const row of failed) say(`${row.source} ended early: ${row.error}`);
  if (!isWhole) process.exitCode = 1;
}

/** `email.enriched.v1 → messages: records 1,204 = rows 1,202 + dead letter 2` */
export function topicLine({ topic, table, records, rows, dead_letter, missing, repeated }: TopicRow): string {
  const beside = [
    dead_letter > 0 ? ` + dead letter ${count(dead_letter)}` : '',
    missing === null ? ' (rows of erased persons are left out)' : missing === 0 ? '' : ` + MISSING ${count(missing)}`,
    repeated > 0 ? ` − REPEATED ${count(repeated)}` : '',
  ];
  return `${topic} → ${table}: records ${count(records)} = rows ${count(rows)}${beside.join('')}`;
}

/** How what was read has ended, a line a source. */
import { lineOf, type Settled } from './settle.ts';
import { print, say } from './terminal.ts';

/** Sets exit code 1 where it does not add up. */
export function report({ sources, balanced, line }: Settled, json: boolean): void {
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

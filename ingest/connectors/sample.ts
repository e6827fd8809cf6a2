import { z } from 'zod';
import { defineConnector } from '../../lib/connector.ts';
import type { Item } from '../parse/bounded.ts';
import { handLine, readLine } from '../read-line.ts';
import { hand, readMail } from '../read-mail.ts';
import { sampleRecords } from '../sample/index.ts';

/**
 * The bundled sample company, dated relative to `now_ms`: its history, or of a live source what arrives now. The position is
 * the number of records gone through.
 */
export const sample = defineConnector({
  name: 'sample',
  config: z.strictObject({ now_ms: z.int().positive() }),
  async run(context) {
    const { config, source, store, signal } = context;
    const start = (context.position as { index: number } | null)?.index ?? 0;
    let index = 0;
    for (const record of sampleRecords({ now_ms: config.now_ms })) {
      if (signal.aborted) return null;
      if (index++ < start || record.live !== (source.origin === 'live')) continue;
      const position = { index };
      if (record.kind === 'mail') {
        const { mailbox, owner_id, team_id } = record;
        const owner = { ...source.owner, mailbox, owner_id, team_id };
        await hand(context, await readMail(itemOf(record.bytes), owner, store, record.at_ms), position);
      } else {
        const bytes = Buffer.from(record.json);
        await handLine(context, await readLine(itemOf(bytes), source.owner, store, record.at_ms), position);
      }
    }
    return { index };
  },
});

function itemOf(bytes: Buffer): Item {
  return { oversize: false, bytes, start: 0, end: bytes.length, truncated: false };
}

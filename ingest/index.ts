/** Every kind of source: the connectors' table of contents. */
import type { Connector } from '../lib/connector.ts';
import { csv } from './connectors/csv.ts';
import { eml } from './connectors/eml.ts';
import { maildir } from './connectors/maildir.ts';
import { mbox } from './connectors/mbox.ts';
import { ndjson } from './connectors/ndjson.ts';
import { sample } from './connectors/sample.ts';
import { submission } from './connectors/submission.ts';

export const connectors: readonly Connector[] = [mbox, eml, maildir, ndjson, csv, sample, submission];

/** The commands' table of contents, in the order of `millrace --help`: one file, one line. */
import type { Command } from 'commander';
import { check } from './check.ts';
import { completion } from './completion.ts';
import { dlq } from './dlq.ts';
import { enrich } from './enrich.ts';
import { evaluate } from './eval.ts';
import { importFiles } from './import.ts';
import { key } from './key.ts';
import { leads } from './leads.ts';
import { lint } from './lint.ts';
import { provision } from './provision.ts';
import { reconcile } from './reconcile.ts';
import { roles } from './roles.ts';
import { sample } from './sample.ts';
import { schema } from './schema.ts';
import { shadow } from './shadow.ts';
import { sql } from './sql.ts';
import { status } from './status.ts';
import { tail } from './tail.ts';
import { test } from './test.ts';
import { token } from './token.ts';
import { trace } from './trace.ts';
import { train } from './train.ts';
import { up } from './up.ts';
import { user } from './user.ts';

export const commands: readonly ((program: Command) => void)[] = [
  up,
  importFiles,
  reconcile,
  trace,
  dlq,
  tail,
  sql,
  status,
  enrich,
  evaluate,
  leads,
  train,
  shadow,
  token,
  user,
  key,
  completion,
  sample,
  schema,
  lint,
  check,
  test,
  roles,
  provision,
];

import { z } from 'zod';
import { defineConnector } from '../../lib/connector.ts';

/** Mail handed in by HTTP: the listener emits its records, so there is nothing to read and no position. */
export const submission = defineConnector({
  name: 'submission',
  config: z.strictObject({}),
  run: async () => null,
});

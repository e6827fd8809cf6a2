import { defineConfig } from 'vitest/config';

// `unit` needs no server and runs in seconds; `engine` starts the real broker, engine and browser; `faults` hurts them.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{lib,schemas,ingest,processors,sinks,query-api,dashboards,deploy,embedded,web,cli,eval,bench}/**/*.test.ts',
            '*.test.ts',
          ],
          // No measure of speed: a busy machine only takes longer.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'engine',
          include: ['test/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // An instance starts and waits more than it works.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/*.test.ts'],
          // They wait for sessions to end more than they work, and what disturbs them is only one fault more.
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

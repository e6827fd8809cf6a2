import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { check, describe as describeProblems } from './preflight/index.mjs';

describe('check', () => {
  it('reports everything that is missing at once, each with a remedy', async () => {
    const path = process.env.PATH;
    process.env.PATH = '/nonexistent';
    try {
      const { problems } = await check({ need: ['compiler', 'java', 'maven'] });
      expect(problems.map(({ what }) => what.split(' ')[0])).toEqual(['A', 'make', 'Python', 'Java', 'Maven']);
      expect(problems.every(({ remedy }) => remedy.length > 0)).toBe(true);
    } finally {
      process.env.PATH = path;
    }
  });

  it('says how much of disk and memory is missing', async () => {
    const huge = 2 ** 60;
    const { problems } = await check({ need: ['disk', 'memory'], disk_bytes_min: huge, memory_bytes_min: huge });
    expect(problems).toHaveLength(2);
    expect(describeProblems(problems)).toContain('GiB');
  });

  it('finds a port in use', async () => {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      expect((await check({ need: ['port'], port })).problems[0]?.what).toBe(`Port ${port} is in use`);
      expect((await check({ need: ['port'], port: 0 })).problems).toEqual([]);
    } finally {
      server.close();
    }
  });
});

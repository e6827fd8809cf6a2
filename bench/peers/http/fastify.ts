/** Fastify: one answer from memory, or that it is known. */
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { answering } from '../../program.ts';
import { type Answer, route } from './answer.ts';

answering(async ({ headers, body }: Answer) => {
  const bytes = Buffer.from(body);
  const app = fastify();
  app.get(route, (request, reply) => {
    reply.headers(headers);
    if (request.headers['if-none-match'] === headers.etag) reply.code(304).send();
    else reply.send(bytes);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: (app.server.address() as AddressInfo).port };
});

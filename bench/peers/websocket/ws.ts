/** ws: the messages are in memory, and a loop over its clients sends them. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { Audience } from '../../live/pace.ts';
import { messages } from '../../live/records.ts';
import { answerAs } from '../../live/server.ts';

const audience = new Audience();
const told = messages();
let next = 0;
let server: WebSocketServer;

answerAs({
  audience,
  async listen() {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/live' });
    server.on('connection', (client, request) => {
      client.once(
        'close',
        audience.add(() => client.bufferedAmount),
      );
      request.socket.on('drain', () => audience.drained());
    });
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port, path: '/live' };
  },
  tell(records) {
    for (let i = 0; i < records; i++) {
      const message = told[next++ % told.length] as Buffer;
      for (const client of server.clients) client.send(message, { binary: false });
    }
  },
});

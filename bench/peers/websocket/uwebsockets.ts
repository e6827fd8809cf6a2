/** uWebSockets.js alone: the messages are in memory, and a loop over its sockets sends them, a batch at a time to each. */
import uWS from 'uWebSockets.js';
import { Audience } from '../../live/pace.ts';
import { messages } from '../../live/records.ts';
import { answerAs } from '../../live/server.ts';

interface Connection {
  leave(): void;
}

const audience = new Audience();
const told = messages();
const open = new Set<uWS.WebSocket<Connection>>();
const app = uWS.App();
let next = 0;

app.ws<Connection>('/live', {
  maxBackpressure: 16 * 1_048_576,
  open(ws) {
    ws.getUserData().leave = audience.add(() => ws.getBufferedAmount());
    open.add(ws);
  },
  drain: () => audience.drained(),
  close(ws) {
    ws.getUserData().leave();
    open.delete(ws);
  },
});

answerAs({
  audience,
  async listen() {
    const listener = await new Promise<uWS.us_listen_socket>(done => app.listen('127.0.0.1', 0, done));
    return { port: uWS.us_socket_local_port(listener as uWS.us_socket), path: '/live' };
  },
  tell(records) {
    const end = next + records;
    // Its own `publish` costs no less.
    for (const ws of open) {
      ws.cork(() => {
        for (let i = next; i < end; i++) ws.send(told[i % told.length] as Buffer, false);
      });
    }
    next = end;
  },
});

/** uWebSockets.js alone: one answer from memory, or that it is known. */
import uWS from 'uWebSockets.js';
import { answering } from '../../program.ts';
import { type Answer, route } from './answer.ts';

answering(async ({ headers, body }: Answer) => {
  const bytes = Buffer.from(body);
  const listed = Object.entries(headers);
  const app = uWS.App().get(route, (res, req) => {
    const known = req.getHeader('if-none-match') === headers.etag;
    res.cork(() => {
      res.writeStatus(known ? '304 Not Modified' : '200 OK');
      for (const [name, value] of listed) res.writeHeader(name, value);
      res.end(known ? '' : bytes);
    });
  });
  const listener = await new Promise<uWS.us_listen_socket>(done => app.listen('127.0.0.1', 0, done));
  return { port: uWS.us_socket_local_port(listener as uWS.us_socket) };
});

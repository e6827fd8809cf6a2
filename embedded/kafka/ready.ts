/** Whether a broker answers: an ApiVersions request, which needs no sign-in and is served only once it is up. */
import { connect } from 'node:net';

/** Kafka's wire format (KIP-35): size, API 18 version 0, correlation id 1, no client id. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

/** @returns false where nothing answers within `timeout_ms` */
export function answers(port: number, timeout_ms: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write(API_VERSIONS));
    const settle = (answered: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    const timer = setTimeout(() => settle(false), timeout_ms);
    socket.once('data', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}

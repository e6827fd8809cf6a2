/** Where messages go. A message is sent whole or not at all; `room` says whether to send at all. */
import type { ServerMessage } from './protocol.ts';

export interface Outlet {
  readonly open: boolean;
  /** Whether the client keeps up: less than a limit waits in the socket. */
  hasRoom(): boolean;
  /** Resolves when there is room, or the socket is closed. */
  room(): Promise<void>;
  send(message: ServerMessage): void;
  /** A row as JSON, told to the subscription whose id is given quoted, and where it stands then. */
  record(quoted_id: string, cursor: string, row_json: string): void;
  /** What `work` sends goes out together. */
  batch(work: () => void): void;
}

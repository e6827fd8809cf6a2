/** Where messages go. A message is sent whole or not at all; `room` says whether to send at all. */
import type { RecordForm, ServerMessage } from './protocol.ts';

export interface Outlet {
  readonly open: boolean;
  /** Whether the client keeps up: less than a limit waits in the socket. */
  hasRoom(): boolean;
  /** Resolves when there is room, or the socket is closed. */
  room(): Promise<void>;
  send(message: ServerMessage): void;
  /** Makes a record's message. */
  readonly form: RecordForm;
  /** Sends what `form` made. */
  record(message: Buffer): void;
  /** What `work` sends goes out together. */
  batch(work: () => void): void;
}

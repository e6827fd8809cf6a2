/** What is asked of a contestant. */
import { answering } from '../program.ts';
import { type Audience, type Fed, feed, type Pace } from './pace.ts';

export type ServerQuestion = { readonly op: 'listen' } | { readonly op: 'feed'; readonly pace: Pace };

export interface Listening {
  readonly port: number;
  /** Where its sockets are. */
  readonly path: string;
}

export interface Contestant {
  readonly audience: Audience;
  listen(): Promise<Listening>;
  /** Has the next records told to every socket. */
  tell(records: number): void;
}

export function answerAs({ audience, listen, tell }: Contestant): void {
  answering((question: ServerQuestion): Promise<Listening | Fed> => {
    return question.op === 'listen' ? listen() : feed(question.pace, audience, tell);
  });
}

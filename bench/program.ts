/** Programs of a benchmark in processes of their own, so that none shares an event loop with another. */
import { type ChildProcess, fork } from 'node:child_process';

export interface Program {
  readonly pid: number;
  /** One question at a time. Throws where the program ends without an answer. */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

/** `script` is a compiled module that calls `answering`. */
export function startProgram(script: URL): Program {
  const child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new Promise<void>(done => child.once('exit', () => done()));
  return {
    pid: child.pid ?? 0,
    ask: question => ask(child, script, question),
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

function ask<Answer>(child: ChildProcess, script: URL, question: object): Promise<Answer> {
  return new Promise((done, fail) => {
    const failed = (): void => fail(new Error(`${script.pathname} ended without an answer`));
    child.once('exit', failed);
    child.once('message', answer => {
      child.off('exit', failed);
      done(answer as Answer);
    });
    child.send(question, error => error && fail(error));
  });
}

/** In the program: answers each question. It ends with an error, and when whoever asked is gone. */
export function answering<Question>(answer: (question: Question) => Promise<object>): void {
  process.on('message', async question => process.send?.(await answer(question as Question)));
  process.on('disconnect', () => process.exit());
}

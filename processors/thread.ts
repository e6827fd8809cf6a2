/**
 * Finds out to which thread a mail belongs: that of the mail whose first reference it names, or that it replies to; and a
 * Message-ID of which nothing is known is a thread of its own name. Keyed by Message-ID, so that whoever knows a mail knows
 * those that hang on it:
 *
 *   1. begin   a mail without an anchor begins a thread
 *   2. hang    an anchor says in which thread a mail is that hangs on it, tells it so, and remembers it
 *   3. learn   a mail learns its thread; where that is another one than it was taken for, those that hang on it move there
 *
 * So a reply whose References are missing comes into the thread of what it replies to, in whichever order they arrive.
 */
import { defineProcessor, type StepResult } from '../lib/processor.ts';
import { type ThreadLink, type ThreadMail, type ThreadNode, threadNodeSchema } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';

/** Children beyond these stay where they are when their anchor moves. A root has none to remember. */
export const children_max = 50;
/** A hostile circle of mails that reply to each other would tell each other for ever. */
export const links_max = 50;

const inputs = { link: topics.threadLink };
const outputs = { link: topics.threadLink, message: topics.threadMessage };
type Result = StepResult<ThreadNode, typeof outputs>;

export const thread = defineProcessor<typeof inputs, ThreadNode, typeof outputs>({
  name: 'thread',
  version: 1,
  inputs,
  state: threadNodeSchema,
  outputs,
  // Nobody waits for a conversation as for a mail.
  commit_interval_ms_min: 500,
  on: {
    link(link, state) {
      const node = state ?? unknown;
      if (link.mail !== null) return link.mail.anchor === '' ? begin(link, link.mail) : hang(link, link.mail, node);
      return link.thread_id === null ? {} : learn(link, link.thread_id, node);
    },
  },
});

const unknown: ThreadNode = { thread_id: null, root: false, children: [] };

function begin({ message_id }: ThreadLink, mail: ThreadMail): Result {
  const state = { thread_id: message_id, root: true, children: [] };
  return { state, emit: { message: { thread_id: message_id, mail, left: false } } };
}

function hang({ message_id }: ThreadLink, child: ThreadMail, node: ThreadNode): Result {
  const thread_id = node.thread_id ?? message_id;
  const emit = { message: { thread_id, mail: child, left: false }, link: newsFor(child, thread_id, 0) };
  if (node.root) return { emit };
  const others = node.children.filter(one => one.email_id !== child.email_id);
  return { state: { ...node, children: [...others, child].slice(-children_max) }, emit };
}

function learn({ message_id, links }: ThreadLink, thread_id: string, node: ThreadNode): Result {
  const before = node.thread_id ?? message_id;
  if (node.root || thread_id === node.thread_id) return {};
  const state = { ...node, thread_id };
  if (thread_id === before || links >= links_max) return { state };
  return {
    state,
    emit: {
      message: node.children.flatMap(mail => [
        { thread_id: before, mail, left: true },
        { thread_id, mail, left: false },
      ]),
      link: node.children.flatMap(child => newsFor(child, thread_id, links + 1)),
    },
  };
}

/** None for a mail without a Message-ID: nothing can hang on it. */
function newsFor({ owner, message_id }: ThreadMail, thread_id: string, links: number) {
  return message_id === null ? [] : [{ owner, message_id, mail: null, thread_id, links }];
}

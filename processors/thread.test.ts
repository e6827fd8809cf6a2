import { describe, expect, it } from 'vitest';
import { drive } from '../lib/test-driver.ts';
import type { Email, ThreadMessage } from '../schemas/generated.ts';
import { topics } from '../schemas/topics.ts';
import { linkOf, threadMailOf } from './conversation/thread-mail.ts';
import { acme, enriched, lineage } from './test-records.ts';
import { children_max, thread } from './thread.ts';

/** A mail whose Message-ID and email_id are its name. */
const mail = (name: string, given: Partial<Email> = {}): Email =>
  enriched({ email_id: name, message_id: `<${name}>`, ...given }).email;
const link = (email: Email) => ({ ...linkOf(threadMailOf({ ...enriched(), email }, acme)), lineage });

/** In which thread each mail is at last. */
function threadsOf(mails: readonly Email[]): Record<string, string> {
  const stage = drive([thread]);
  for (const one of mails) stage.feed(topics.threadLink, link(one));
  return placesOf(stage.read(topics.threadMessage));
}

function placesOf(messages: readonly ThreadMessage[]): Record<string, string> {
  const places = new Map<string, Set<string>>();
  for (const { thread_id, mail, left } of messages) {
    const of = places.get(mail.email_id) ?? new Set();
    places.set(mail.email_id, of);
    if (left) of.delete(thread_id);
    else of.add(thread_id);
  }
  return Object.fromEntries([...places].map(([name, of]) => [name, [...of].sort().join(' ')]).sort());
}

function* permutations<T>(list: readonly T[]): Generator<T[]> {
  if (list.length === 0) yield [];
  for (const [at, one] of list.entries()) {
    for (const rest of permutations(list.filter((_, other) => other !== at))) yield [one, ...rest];
  }
}

describe('a mail', () => {
  it('is in the thread of its first reference, in whichever order they come', () => {
    const mails = [
      mail('root'),
      mail('one', { in_reply_to: '<root>', references: ['<root>'] }),
      mail('two', { in_reply_to: '<one>', references: ['<root>', '<one>'] }),
      // Of these the References were lost on the way.
      mail('three', { in_reply_to: '<two>' }),
      mail('four', { in_reply_to: '<three>' }),
    ];
    const expected = { root: '<root>', one: '<root>', two: '<root>', three: '<root>', four: '<root>' };
    for (const order of permutations(mails)) expect(threadsOf(order)).toEqual(expected);
  });

  it('is in a thread of the name that it refers to where nothing is known of that', () => {
    expect(
      threadsOf([
        mail('a', { references: ['<lost>', '<too>'] }),
        mail('b', { references: ['<lost>'] }),
        mail('c', { in_reply_to: '<a>' }),
      ]),
    ).toEqual({ a: '<lost>', b: '<lost>', c: '<lost>' });
  });

  it('without a Message-ID is in one too', () => {
    expect(
      threadsOf([
        mail('root'),
        mail('none', { message_id: null, in_reply_to: '<root>' }),
        mail('alone', { message_id: null }),
      ]),
    ).toEqual({ root: '<root>', none: '<root>', alone: 'alone' });
  });

  it('of another organisation is in another thread', () => {
    const stage = drive([thread]);
    const theirs = { organization_id: 'other', mailbox: '', owner_id: '', team_id: '' };
    stage.feed(topics.threadLink, link(mail('root', { in_reply_to: '<before>' })));
    stage.feed(topics.threadLink, link(mail('reply', { owner: theirs, in_reply_to: '<root>' })));
    expect(placesOf(stage.read(topics.threadMessage))).toEqual({ root: '<before>', reply: '<root>' });
  });
});

describe('hostile mail', () => {
  it('in a circle ends', () => {
    const circle = Array.from({ length: 6 }, (_, at) => mail(`m${at}`, { in_reply_to: `<m${(at + 1) % 6}>` }));
    for (const order of permutations(circle.slice(0, 4))) {
      const places = threadsOf([...order, ...circle.slice(4)]);
      // Each is in one place, though not all in the same.
      for (const place of Object.values(places)) expect(place).toMatch(/^<m\d>$/);
    }
    expect(threadsOf([mail('self', { in_reply_to: '<self>' })])).toEqual({ self: '<self>' });
  });

  it('that all hangs on one mail is remembered in part', () => {
    const stage = drive([thread]);
    for (let at = 0; at < children_max + 20; at++) {
      stage.feed(topics.threadLink, link(mail(`m${at}`, { in_reply_to: '<x>' })));
    }
    const node = stage.state(thread, topics.threadLink.key({ ...link(mail('x')), message_id: '<x>' }));
    expect((node as { children: unknown[] }).children).toHaveLength(children_max);
    stage.feed(topics.threadLink, link(mail('x', { in_reply_to: '<y>' })));
    const places = Object.values(placesOf(stage.read(topics.threadMessage)));
    expect(places.filter(place => place === '<y>')).toHaveLength(children_max + 1);
    expect(places.filter(place => place === '<x>')).toHaveLength(20);
  });
});

/** The small company of test/questions.test.ts: two teams in Berlin, one of which sells. Whose mail asks, answers or is a machine's is said at each. */

export interface Mail {
  readonly id: string;
  readonly at: string;
  readonly from: string;
  readonly to?: string;
  readonly subject: string;
  readonly text?: string;
  readonly reply?: string;
  readonly headers?: readonly string[];
}

export const support = 'support@maple.example';
const help = 'It does not work, it shows an error. Please help.';
const angry = 'This is terrible. I am furious and very disappointed, the worst service ever.';
const happy = 'I love it, thank you so much. Wonderful work, we are very happy.';
const auto = ['Auto-Submitted: auto-replied'];
const lena = 'lena@maple.example';
export const idris = 'idris@maple.example';
export const maya = 'maya@maple.example';

/** What came to a mailbox, and what its owner answered. Berlin is an hour ahead of UTC until 2025-03-30, and two from then on. */
export const mailboxes: { mailbox: string; owner: string; team: string; mails: Mail[] }[] = [
  {
    mailbox: support,
    owner: 'lena',
    team: 'support',
    mails: [
      // Friday 16:00: one hour, a weekend with the change of clocks, eight, eight, and three until Wednesday noon.
      { id: 'export', at: '2025-03-28T15:00:00Z', from: 'ann@north.example', subject: 'Export fails', text: help },
      // Our own absence is no answer.
      {
        id: 'away',
        at: '2025-03-31T08:00:00Z',
        from: lena,
        to: 'ann@north.example',
        subject: 'Away',
        reply: 'export',
        headers: auto,
      },
      // Wednesday 9:30, and Tuesday 16:00: two and a half hours, and four to the second.
      { id: 'seats', at: '2025-04-02T07:30:00Z', from: 'bob@south.example', subject: 'Question about seats' },
      { id: 'four', at: '2025-04-01T14:00:00Z', from: 'ben@south.example', subject: 'Question about prices' },
      // Last week, Tuesday 10:00 to 12:00.
      { id: 'dora', at: '2025-03-25T09:00:00Z', from: 'dora@east.example', subject: 'Login fails', text: help },
      {
        id: 'dora-a',
        at: '2025-03-25T11:00:00Z',
        from: lena,
        to: 'dora@east.example',
        subject: 'Re: Login fails',
        reply: 'dora',
      },
      // Friday 16:30 to Monday 9:30: an hour; what follows in the thread is no first response.
      { id: 'vera', at: '2025-03-28T15:30:00Z', from: 'vera@hill.example', subject: 'Calendar fails', text: help },
      {
        id: 'vera-a',
        at: '2025-03-31T07:30:00Z',
        from: lena,
        to: 'vera@hill.example',
        subject: 'Re: Calendar fails',
        reply: 'vera',
      },
      {
        id: 'vera-2',
        at: '2025-03-31T08:00:00Z',
        from: 'vera@hill.example',
        subject: 'Re: Calendar fails',
        reply: 'vera',
      },
      {
        id: 'vera-b',
        at: '2025-03-31T13:00:00Z',
        from: lena,
        to: 'vera@hill.example',
        subject: 'Re: Calendar fails',
        reply: 'vera',
      },
      // All three loved us. Brook and Creek no longer do; the CRM knows what they are worth.
      ...['brook', 'creek', 'delta'].flatMap((account, index): Mail[] => [
        {
          id: `${account}-1`,
          at: '2025-01-15T10:00:00Z',
          from: `fred@${account}.example`,
          subject: 'Thanks',
          text: happy,
        },
        {
          id: `${account}-1a`,
          at: '2025-01-15T11:00:00Z',
          from: lena,
          to: `fred@${account}.example`,
          subject: 'Re',
          reply: `${account}-1`,
        },
        {
          id: `${account}-2`,
          at: `2025-03-1${index}T10:00:00Z`,
          from: `fred@${account}.example`,
          subject: 'We leave',
          text: account === 'delta' ? happy : angry,
        },
        {
          id: `${account}-2a`,
          at: `2025-03-1${index}T11:00:00Z`,
          from: lena,
          to: `fred@${account}.example`,
          subject: 'Re',
          reply: `${account}-2`,
        },
      ]),
      { id: 'xena', at: '2025-03-12T10:00:00Z', from: 'xena@brook.example', subject: 'Me too', text: angry },
      {
        id: 'xena-a',
        at: '2025-03-12T11:00:00Z',
        from: lena,
        to: 'xena@brook.example',
        subject: 'Re: Me too',
        reply: 'xena',
      },
      // By machines. Words alone would take the first for a customer's question.
      {
        id: 'absent',
        at: '2025-03-31T09:00:00Z',
        from: 'carl@west.example',
        subject: 'Out of office',
        text: 'I am away until Monday.',
        reply: 'vera-a',
        headers: auto,
      },
      {
        id: 'news',
        at: '2025-03-31T09:10:00Z',
        from: 'news@paper.example',
        subject: 'This week',
        headers: ['List-Id: <news.paper.example>'],
      },
      { id: 'stop', at: '2025-03-31T09:20:00Z', from: 'dan@west.example', subject: 'Unsubscribe' },
      {
        id: 'bounce',
        at: '2025-03-31T09:30:00Z',
        from: 'mailer-daemon@west.example',
        subject: 'Undelivered',
        headers: [...auto, 'X-Failed-Recipients: x@west.example'],
      },
      {
        id: 'machine',
        at: '2025-03-31T22:30:00Z',
        from: 'alerts@host.example',
        subject: 'Disk is full',
        headers: ['Auto-Submitted: auto-generated'],
      },
    ],
  },
  {
    mailbox: idris,
    owner: 'idris',
    team: 'support',
    mails: [
      // Last week, Thursday 16:30 to Friday 12:30: half an hour and three and a half.
      { id: 'uwe', at: '2025-03-27T15:30:00Z', from: 'uwe@lake.example', subject: 'Import fails', text: help },
      {
        id: 'uwe-a',
        at: '2025-03-28T11:30:00Z',
        from: idris,
        to: 'uwe@lake.example',
        subject: 'Re: Import fails',
        reply: 'uwe',
      },
      // Tuesday, half an hour each.
      ...['tia', 'tom', 'tim'].flatMap((name, hour): Mail[] => [
        {
          id: name,
          at: `2025-04-01T0${8 + hour}:00:00Z`.replace('010', '10'),
          from: `${name}@mill.example`,
          subject: 'Printer sync broken',
          text: help,
        },
        {
          id: `${name}-a`,
          at: `2025-04-01T0${8 + hour}:30:00Z`.replace('010', '10'),
          from: idris,
          to: `${name}@mill.example`,
          subject: 'Re: Printer sync broken',
          reply: name,
        },
      ]),
    ],
  },
  {
    mailbox: maya,
    owner: 'maya',
    team: 'sales',
    mails: [
      // Saturday noon to Tuesday 11:00: eight hours and two.
      {
        id: 'walt',
        at: '2025-03-29T11:00:00Z',
        from: 'walt@gmail.com',
        subject: 'Prices',
        text: 'What does it cost for ten people?',
      },
      {
        id: 'walt-a',
        at: '2025-04-01T09:00:00Z',
        from: maya,
        to: 'walt@gmail.com',
        subject: 'Re: Prices',
        reply: 'walt',
      },
      // We began: the answer to the answer is no first response.
      { id: 'eve', at: '2025-03-24T09:00:00Z', from: maya, to: 'eve@fir.example', subject: 'Shall we talk?' },
      { id: 'eve-1', at: '2025-03-31T08:00:00Z', from: 'eve@fir.example', subject: 'Re: Shall we talk?', reply: 'eve' },
      {
        id: 'eve-2',
        at: '2025-03-31T09:00:00Z',
        from: maya,
        to: 'eve@fir.example',
        subject: 'Re: Shall we talk?',
        reply: 'eve',
      },
      // Two-way mail 28 days ago, 13 days ago, and one way only.
      { id: 'gina', at: '2025-03-05T09:00:00Z', from: 'gina@elm.example', subject: 'Offer' },
      {
        id: 'gina-a',
        at: '2025-03-05T10:00:00Z',
        from: maya,
        to: 'gina@elm.example',
        subject: 'Re: Offer',
        reply: 'gina',
      },
      { id: 'hank', at: '2025-03-20T09:00:00Z', from: 'hank@fig.example', subject: 'Offer' },
      {
        id: 'hank-a',
        at: '2025-03-20T12:00:00Z',
        from: maya,
        to: 'hank@fig.example',
        subject: 'Re: Offer',
        reply: 'hank',
      },
      { id: 'lea', at: '2025-04-01T10:00:00Z', from: maya, to: 'lea@jam.example', subject: 'Our offer' },
    ],
  },
];

const crm = (object: string, id: string, changed_at: string, email: string, more: object): object => ({
  crm: object,
  id,
  changed_at,
  email,
  ...more,
});
const event = (id: string, type: string, time: string, email: string): object => ({
  specversion: '1.0',
  id,
  source: '/app',
  type,
  time,
  data: { email },
});
const closing = (id: string, changed_at: string, email: string, close_date: string, more: object = {}): object =>
  crm('deal', id, changed_at, email, { stage: 'proposal', amount: 12_000, fields: { close_date }, ...more });
const closed = (id: string, changed_at: string, email: string, outcome: 'won' | 'lost'): object =>
  crm('deal', id, changed_at, email, { stage: outcome, outcome, amount: 5_000 });

/** One file is stored before the next is read: within one, the order in which a person's records are scored is Kafka's. */
export const lines: object[][] = [
  [
    ...['pat', 'quin'].flatMap(name => [
      event(`${name}-1`, 'demo_requested', '2025-01-05T10:00:00Z', `${name}@lime.example`),
      event(`${name}-2`, 'trial_started', '2025-01-05T10:00:00Z', `${name}@lime.example`),
      event(`${name}-3`, 'checkout_started', '2025-01-05T10:00:00Z', `${name}@lime.example`),
    ]),
    ...['rosa', 'sam', 'tess'].map(name =>
      event(`${name}-1`, 'trial_started', '2025-01-05T10:00:00Z', `${name}@lime.example`),
    ),
    event('ugo-2', 'demo_requested', '2025-03-05T10:00:00Z', 'ugo@lime.example'),
    event('nina-1', 'login', '2025-03-01T10:00:00Z', 'nina@kale.example'),
    event('omar-1', 'demo_requested', '2025-01-10T10:00:00Z', 'omar@kale.example'),
    event('omar-2', 'trial_started', '2025-01-10T10:00:00Z', 'omar@kale.example'),
    crm('contact', 'C1', '2025-01-02T10:00:00Z', 'fred@brook.example', { account: 'Brook' }),
    crm('contact', 'C2', '2025-01-02T10:00:00Z', 'fred@creek.example', { account: 'Creek' }),
    crm('contact', 'C4', '2025-01-02T10:00:00Z', 'fred@delta.example', { account: 'Delta' }),
    crm('deal', 'D-delta', '2025-01-03T10:00:00Z', 'fred@delta.example', {
      account: 'Delta',
      stage: 'proposal',
      amount: 90_000,
    }),
    crm('deal', 'D-brook', '2025-01-03T10:00:00Z', 'fred@brook.example', {
      account: 'Brook',
      stage: 'proposal',
      amount: 60_000,
    }),
    crm('deal', 'D-creek', '2025-01-03T10:00:00Z', 'fred@creek.example', {
      account: 'Creek',
      stage: 'proposal',
      amount: 10_000,
    }),
  ],
  [
    // Hot after the day that counts.
    event('tess-2', 'demo_requested', '2025-03-01T10:00:00Z', 'tess@lime.example'),
    event('tess-3', 'checkout_started', '2025-03-01T10:00:00Z', 'tess@lime.example'),
    // Too late for the score that had seen a younger one.
    event('ugo-1', 'trial_started', '2025-01-05T10:00:00Z', 'ugo@lime.example'),
    event('nina-2', 'demo_requested', '2025-04-01T10:00:00Z', 'nina@kale.example'),
    event('omar-3', 'page_viewed', '2025-04-01T10:00:00Z', 'omar@kale.example'),
    closing('D-gina', '2025-03-01T10:00:00Z', 'gina@elm.example', '2025-04-20'),
    closing('D-hank', '2025-03-01T10:00:00Z', 'hank@fig.example', '2025-04-15'),
    closing('D-ida', '2025-03-01T10:00:00Z', 'ida@gum.example', '2025-05-02'),
    closing('D-jon', '2025-03-01T10:00:00Z', 'jon@hop.example', '2025-04-10', { stage: 'won', outcome: 'won' }),
    crm('deal', 'D-kim', '2025-03-01T10:00:00Z', 'kim@ivy.example', { stage: 'proposal', amount: 9_000 }),
    // Half past midnight in Berlin, on the first of April.
    closing('D-lea', '2025-03-31T22:30:00Z', 'lea@jam.example', '2025-04-25'),
    crm('contact', 'C3', '2025-04-01T08:00:00Z', 'zoe@gmail.com', { name: 'Zoe' }),
  ],
  [
    closed('D-pat', '2025-03-15T10:00:00Z', 'pat@lime.example', 'won'),
    closed('D-quin', '2025-03-15T10:00:00Z', 'quin@lime.example', 'lost'),
    closed('D-rosa', '2025-03-15T10:00:00Z', 'rosa@lime.example', 'lost'),
    closed('D-sam', '2025-03-15T10:00:00Z', 'sam@lime.example', 'won'),
    closed('D-tess', '2025-03-15T10:00:00Z', 'tess@lime.example', 'lost'),
    closed('D-ugo', '2025-03-15T10:00:00Z', 'ugo@lime.example', 'won'),
  ],
];

export function mboxOf(mailbox: string, mails: readonly Mail[]): string {
  const id = (name: string): string => `<${name}@test.example>`;
  // A reply names the first mail of its thread.
  return mails
    .map(({ id: name, at: date, from, to, subject, text, reply, headers }) =>
      [
        'From sender@test.example Mon Jan 01 10:00:00 2024',
        `Message-ID: ${id(name)}`,
        ...(reply ? [`In-Reply-To: ${id(reply)}`, `References: ${id(reply)}`] : []),
        ...(headers ?? []),
        `From: <${from}>`,
        `To: <${to ?? mailbox}>`,
        `Subject: ${subject}`,
        `Date: ${new Date(date).toUTCString().replace('GMT', '+0000')}`,
        '',
        text ?? `About ${name}.`,
        '',
        '',
      ].join('\n'),
    )
    .join('');
}

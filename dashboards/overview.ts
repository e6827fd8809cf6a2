/** The business: mail, moods, answers, leads. */
import { defineDashboard } from './dashboard.ts';
import * as answers from './overview/answers.ts';
import * as leads from './overview/leads.ts';
import * as mail from './overview/mail.ts';
import { category, mailbox, organization, page, team, timeZone } from './variables.ts';

export const overview = defineDashboard({
  name: 'overview',
  title: 'Overview',
  description: 'Mail, its mood, who is answered how fast, and which leads move.',
  from: 'now-30d',
  refresh: '1m',
  variables: [organization(), team(), mailbox(), category(), timeZone(), page()],
  sections: [
    {
      title: 'Now',
      panels: [
        mail.mails,
        mail.sentimentNow,
        answers.waitingNow,
        answers.responseNow,
        leads.leadsNow,
        leads.completeness,
      ],
    },
    {
      title: 'Mail',
      panels: [mail.volume, mail.moods, mail.sentiment, mail.categories, mail.importance, mail.lastHour],
    },
    { title: 'Answers', panels: [answers.responseOverTime, answers.responseByOwner, answers.waiting] },
    {
      title: 'Leads and customers',
      panels: [leads.topLeads, leads.movement, leads.movementList, leads.turnedNegative],
    },
  ],
});

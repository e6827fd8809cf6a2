/** What customers write to support, and what support answers. `{…}` is filled in per mail. */

export interface Topic {
  subjects: readonly string[];
  problems: readonly string[];
  questions: readonly string[];
  answers: readonly string[];
}

export const topics: readonly Topic[] = [
  {
    subjects: ['Calendar sync has stopped', 'Calendar out of sync again', 'Jobs missing on phones'],
    problems: [
      'Since {day} morning the planner no longer pushes jobs to our Google calendars. {count} technicians drove to the wrong address because of it.',
      'The calendar sync stopped some time on {day}. New jobs show up in the planner, but not on the phones.',
      "Jobs that I move in the planner stay where they were in the technicians' calendars. It concerns {count} of them so far.",
    ],
    questions: ['Is there anything that we can reset on our side?', 'Could you look into it today, please?'],
    answers: [
      'I found it: the permission for your calendar expired on {day}. Please reconnect under Settings > Calendars and press "Sync now". The jobs that were missed will follow within a few minutes.',
      'The sync had got stuck on one deleted event. I have removed it on our side, and {count} jobs are being sent to the phones right now.',
    ],
  },
  {
    subjects: ['Planner is very slow', 'Week view takes forever to load', 'Slow since the update'],
    problems: [
      'The week view takes {seconds} seconds to open since the last update. With {seats} people on the board that is hardly usable.',
      'Every time I drag a job the page freezes for {seconds} seconds. Chrome and Edge behave the same.',
    ],
    questions: ['Are others affected as well?', 'Can we go back to the old view until it is fixed?'],
    answers: [
      'Thank you for the recording, it helped a lot. The new availability colours are calculated for every technician at once, which is slow for large teams. You can switch them off under View > Colours. A fix goes live on {day}.',
      'We have moved your account to a larger database this morning. The week view should now open in about one second. Please tell me if it does not.',
    ],
  },
  {
    subjects: ['CSV export shows strange characters', 'Export to Excel broken', 'Umlauts wrong in export'],
    problems: [
      'When we export the job list to Excel, all names with accents come out wrong. Our accountant cannot import it like that.',
      'The export of last month stops after {count} rows, although there were far more jobs.',
    ],
    questions: [
      'Is there a setting that I have missed?',
      'We need the list for payroll on {day}, so could you send it to us by hand?',
    ],
    answers: [
      'Excel guesses the wrong character set when the file is opened by double click. Please choose "Excel (UTF-8)" in the export dialog instead of "CSV". I have run the export of last month that way for you; it is in your downloads.',
      'You are right, exports with more than 1,000 rows were cut short. That was our mistake and it is corrected since {day}.',
    ],
  },
  {
    subjects: ['Nobody can sign in', 'Single sign-on fails', 'Login loop'],
    problems: [
      'None of our people can sign in with Microsoft this morning. They get sent back to the login page again and again.',
      'After you changed the login page, {count} colleagues are locked out. The password reset mail never arrives.',
    ],
    questions: [
      'This is urgent for us, the crews leave at seven. What can we do?',
      'Can you let them in some other way?',
    ],
    answers: [
      'The certificate for your single sign-on expired last night. I have uploaded the new one that your IT sent, and signing in works again. We now warn you {count} days before the next one expires.',
      'The reset mails were stopped by your spam filter. I have sent {count} one-time links to you directly; please pass them on.',
    ],
  },
  {
    subjects: ['Photos lost in the mobile app', 'App loses photos', 'Pictures of finished jobs are gone'],
    problems: [
      'Our fitters take photos of every finished job. On {day} {count} of them vanished after the app was closed.',
      'Photos taken in a basement without network never arrive. The app says "uploaded", but there is nothing in the job.',
    ],
    questions: [
      'Can they be recovered from the phones?',
      'We need them as proof for the insurance. Is there a backup?',
    ],
    answers: [
      'Good news first: the photos are still on the phones. Please update the app to version 5.{count} and open the job once, then they upload. The app said "uploaded" too early, and that is fixed now.',
      "We could recover all of them from the phones' cache. They are in the jobs again. I am sorry for the fright.",
    ],
  },
  {
    subjects: ['API returns 429', 'Question about the API limit', 'Integration stopped working'],
    problems: [
      'Our stock system gets "429 too many requests" from your API since {day}. We call it about {count} times a minute.',
      'The webhook for finished jobs has not been called since {day}. Our invoices depend on it.',
    ],
    questions: ['Can the limit be raised for us?', 'Is there a way to fetch what we missed?'],
    answers: [
      'Your plan allows 60 requests a minute. You can fetch 200 jobs with one request if you add page_size=200, which needs far fewer. Until you have changed it, I have raised your limit.',
      'The webhook was switched off after your server had answered with errors for two days. I have switched it on again; all {count} missed calls are being repeated now.',
    ],
  },
  {
    subjects: ['Import of customer list fails', 'Problem importing sites', 'Import stuck at 80 percent'],
    problems: [
      'We tried to import our {seats} sites, and the import stops at row {count} with "unknown error".',
      'The import has been at 80 percent since {day}. I cannot cancel it either.',
    ],
    questions: ['What is wrong with our file?', 'Could you import it for us?'],
    answers: [
      'Row {count} has a line break inside the address, which our importer did not understand. I have corrected the file and imported it: {seats} sites are in your account.',
      'I have cancelled the old import. Please try again; it now says which row it does not like, and why.',
    ],
  },
  {
    subjects: ['Technicians get no notifications', 'Push notifications late', 'Notifications arrive an hour late'],
    problems: [
      'Changes reach the technicians with a delay of up to {count} minutes. By then they are already on the road.',
      'Since {day} Android phones get no notifications at all. iPhones are fine.',
    ],
    questions: ['Is that a known problem?', 'What should we tell the crews?'],
    answers: [
      'Android put the app to sleep to save the battery. Under Settings > Apps > Harbourline, please allow "background activity"; there is a one-page guide that you can print for the crews.',
      'Our notification queue was overloaded on {day}. We have doubled its capacity, and yours were delivered within five seconds today.',
    ],
  },
  {
    subjects: ['Access for subcontractors', 'Can subcontractors see only their jobs?', 'Permissions question'],
    problems: [
      'We would like to give {count} subcontractors access, but they must not see our prices.',
      'A subcontractor told me that he can see the addresses of all customers. That must not happen.',
    ],
    questions: ['How do we set that up?', 'Is there a role for that, or does it cost extra?'],
    answers: [
      'Please use the role "Partner": it sees its own jobs, without prices and without the customer list. It is free for up to 20 people.',
      'That was a setting in the team "External", which had inherited the dispatcher role. I have corrected it with your permission, and the log shows that nobody had opened the list.',
    ],
  },
  {
    subjects: ['Jobs booked twice', 'Double bookings', 'Same slot given to two customers'],
    problems: [
      'Two customers were given the same slot on {day}. That is the second time in a month.',
      'When two dispatchers book at the same moment, both jobs are accepted. We had {count} double bookings last week.',
    ],
    questions: ['Can the planner refuse that?', 'How can we avoid it until you have a solution?'],
    answers: [
      'You can switch on "Strict slots" under Settings > Booking. Then the second dispatcher is told at once. It was off because your account is older than the setting.',
      'Thank you for the exact times. We found a gap between checking and booking and closed it on {day}. I have looked through your calendar, and there are no further double bookings.',
    ],
  },
];

export const internal_notes = [
  'Can you take a look at {company}? They wrote for the {count}. time this month and I do not want to lose them.',
  'FYI, {company} asked about more seats. Could be worth a call on {day}.',
  'I promised {company} an answer by {day}. Who knows the booking code well enough?',
  '{company} is really happy since the last release, maybe we can ask them for a reference?',
  'Please remember to log your calls with {company} in the CRM, the deal looks colder there than it is.',
  'Numbers for {day}: {count} new trials, two of them above fifty seats. Nice work everybody.',
] as const;

export const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'] as const;

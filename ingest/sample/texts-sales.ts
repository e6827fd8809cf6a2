/** What is written when somebody buys, pays, or does neither. `{…}` is filled in per mail. */

export const enquiry_subjects = [
  'Question about your plans',
  'Planner for {seats} people?',
  'Demo request',
  'Pricing for {company}',
] as const;

export const enquiries = [
  'We are a {industry} company in {city} with {seats} people, and today we plan everything on a whiteboard. Could you tell us what the Team plan would cost for us, and how long the switch usually takes?',
  'A colleague saw your planner at a trade fair. We are looking for something that {seats} technicians can use on their phones, also without network. Could we see a demo next {day}?',
  'Our contract with another provider ends soon, and we compare three products at the moment. What would {seats} seats cost per year, and can you import our existing customers?',
] as const;

export const expansion_subjects = ['More seats for {company}', 'Adding the booking page', 'Second site'] as const;

export const expansions = [
  'We are growing: {count} new technicians start next month. What would the additional seats cost, and is there a better price from a certain number on?',
  'Our office would like customers to book their appointments online. Can we add the booking page to our plan, and could somebody show it to us next {day}?',
  'We are opening a second site and would like to plan both in one account. Which plan do we need for {seats} people in total?',
] as const;

export const expansion_answers = [
  'That is good to hear! With {seats} seats in total your plan would be {price} euros a month, training for the new colleagues included.\n\nShall I show you what changes on {day}?',
  'Congratulations on the growth. I have prepared a quote: {price} euros a month for {seats} seats, everything else stays as it is. I can walk you through it on {day}.',
] as const;

export const enquiry_answers = [
  'Thank you for your interest! For {seats} people the Team plan is {price} euros a month, with a discount of 10 percent if you pay by the year. Most companies are up and running within two weeks, and we import your customers for you.\n\nWould {day} at ten suit you for a demo?',
  'It is nice to hear from you. I have prepared a quote for {seats} seats: {price} euros a month, training included. The app works without network and syncs later.\n\nI would be glad to show it to you on {day}. Which time is best?',
] as const;

export const demo_followups = [
  'Thank you for the demo on {day}. The team liked the map view and the photo reports. Before we decide, we need to know where the data is stored and whether we get a data processing agreement.',
  'That looked very good yesterday. {first} from our IT would like to know whether single sign-on is part of the price.',
] as const;

export const demo_answers = [
  'All data is stored in Frankfurt, and the data processing agreement is part of the contract; I can send it in advance. Single sign-on is included in the Team plan.',
  'Good question. Everything runs in two data centres in Germany, with backups every hour. Single sign-on is included. Shall I send you the contract so that your colleagues can read it?',
] as const;

export const negotiations = [
  'The price is a little above our budget of {budget} euros a month. Is there anything you can do if we sign for two years?',
  'Our director asks for a discount before he signs. Could you meet us at {budget} euros? Then we could start on {day}.',
  'Another supplier offered us {budget} euros a month. We would prefer your product, but the difference is hard to explain.',
] as const;

export const negotiation_answers = [
  'I talked to my manager: if you sign for two years, I can offer {budget} euros and include the onboarding. The offer is valid until {day}.',
  'We can meet you halfway: the first three months at half the price, then the normal rate. I have updated the quote accordingly.',
] as const;

export const won_mails = [
  'Good news: the offer is approved. Please send the contract to {first}, who will sign it today. We look forward to working with you!',
  'We have decided to go with Harbourline. The whole team is excited. What are the next steps?',
  'The signed contract is in the portal. Thanks for being so patient with all our questions!',
] as const;

export const lost_mails = [
  'Thank you for your time. We have decided to go with another supplier, mainly because of the price. We may come back next year.',
  'Unfortunately the project was stopped by our management, so we will not go ahead. Sorry that I have no better news.',
  'After a long discussion we stay with our present system. The missing stock module was the reason. All the best.',
] as const;

export const silence_nudges = [
  'I wanted to ask whether you have had time to look at the quote. I am happy to answer any question on the phone.',
  'Just a short follow-up: the offer is valid until {day}. Is there anything that holds you back?',
] as const;

export const invoice_mails = [
  'Please find your invoice {invoice} over {price} euros below. It is due within 14 days.\n\nPlan: Team, {seats} seats\nPeriod: one month',
] as const;

export const invoice_questions = [
  'Invoice {invoice} lists {count} seats more than we use. Could you correct it, please?',
  'We have paid invoice {invoice} twice by mistake. Could you refund one payment?',
  'Our VAT number is missing on invoice {invoice}, so our accountant sent it back. Can we have a new one?',
  'Could we change to yearly payment with the next invoice?',
] as const;

export const invoice_complaints = [
  'You charged us {price} euros although we had cancelled {count} seats in time. I am not paying for that. Correct invoice {invoice} immediately.',
  'A payment reminder with a late fee, for invoice {invoice}, which we paid weeks ago! This is ridiculous.',
] as const;

export const invoice_answers = [
  'You are right, and I am sorry. A corrected invoice is on its way, and the difference of {count} seats will be credited.',
  'I have found the second payment and started the refund. It should arrive by {day}.',
  'Thank you for telling us. I have added your details, and the new invoice {invoice} is in your account.',
] as const;

export const cold_pitches = [
  [
    'Quick question about your website',
    'I came across your website and noticed that you could rank much higher on Google. We guarantee page one within 90 days. Are you free for a quick call on {day}?',
  ],
  [
    'Developers for hire',
    'We offer senior developers from 19 dollars an hour. No minimum term, start tomorrow. Reply YES to receive profiles.',
  ],
  [
    'Grow your pipeline by 300%',
    'Imagine 50 qualified meetings a month without lifting a finger. Our AI does it for you. Click here to claim your free audit, the offer ends on {day}!',
  ],
  [
    'Partnership opportunity',
    'We help companies like yours to win enterprise customers. I would love to buy you a virtual coffee and explain how.',
  ],
] as const;

export const newsletters = [
  [
    'Field Service Weekly',
    'fieldserviceweekly.example',
    [
      'Five trends in mobile workforce planning',
      'Why first-time fix rates matter',
      'Electric vans: what they really cost',
      'Survey: what technicians want',
    ],
  ],
  [
    'The Trade Counter',
    'tradecounter.example',
    [
      'This week: heat pumps and grants',
      'Show report and exhibitor list',
      'Save 20% on safety boots',
      'New rules for working at height',
    ],
  ],
  [
    'SaaS Notes',
    'saasnotes.example',
    [
      'Pricing pages that convert',
      'Churn is a product problem',
      'How small teams do support',
      'Benchmarks of the quarter',
    ],
  ],
] as const;

export const notifications = [
  [
    'CloudGrid Status',
    'no-reply@cloudgrid.example',
    'Scheduled maintenance: region eu-central',
    'We will update database hosts in eu-central on {day} between 02:00 and 03:00 UTC. No action is required.',
  ],
  [
    'PayLane',
    'notifications@paylane.example',
    'Payout of {price} euros sent',
    'Your payout of {price} euros was sent to your bank account and arrives by {day}.',
  ],
  [
    'CodeHost',
    'noreply@codehost.example',
    'Build {count} failed on branch main',
    'The build {count} of harbourline/planner failed in the step "test". See the log for details.',
  ],
  [
    'Deskline',
    'no-reply@deskline.example',
    'Your weekly report',
    'Tickets opened: {count}. Median first response: 2.4 hours. Satisfaction: 91 percent.',
  ],
] as const;

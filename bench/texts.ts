/** What the mails of the benchmarks say: enough different words for the models to have something to do. */
export const subjects = [
  'Invoice is wrong',
  'Demo next week',
  'Export fails again',
  'Renewal of our contract',
  'Question about seats',
  'Cannot sign in',
  'Meeting on Thursday',
  'Offer for the north site',
  'Thank you for the quick help',
  'Data protection agreement',
];

export const paragraphs = [
  'Thank you very much for the quick answer, that was exactly what we needed. The new planner works nicely on all three sites and the team is happy with it.',
  'The export has failed for the third time this week and nobody has replied to our last two mails. This is really disappointing, and we are losing hours every day because of it.',
  'Could you please send me a corrected invoice? The amount of 1,250.00 EUR does not match what we agreed on in March, and our accountant needs it before Friday.',
  'We are looking at three vendors at the moment. What would 48 seats cost us per year, and is there a discount if we sign for two years?',
  'I have attached the list of sites and the contact persons. Please let me know if anything is missing; otherwise we can start with the import on Monday.',
  'From the next month on we will need access for two further colleagues in the office. How do we add them, and does it change the price?',
  'The calendar shows the appointments of last year, and when I click on one the page stays white. I have tried it with two browsers and on the phone, always with the same result.',
  'Shall we meet on Thursday at 10:30 to go through the open points? I can be at your place, or we do it by phone if that is easier for you.',
  'Our legal department has some remarks on paragraph 7 of the agreement. Could somebody from your side call us about the liability and the period of notice?',
  'It is terrible that we were charged for seats which we gave back months ago. I am fed up with it and I want my money back, otherwise we will cancel.',
  'Everything is fine on our side, no hurry. I just wanted to say that the support last week was wonderful, above all the patience of your colleague.',
  'Please find below the answers to your questions. The server is in our own house, the data is about 40 GB, and we have one administrator who knows it well.',
];

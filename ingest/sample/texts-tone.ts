/** The same message in four moods. */
export type Tone = 'angry' | 'low' | 'calm' | 'glad';

export function toneOf(mood: number): Tone {
  if (mood < -0.45) return 'angry';
  if (mood < -0.05) return 'low';
  return mood < 0.5 ? 'calm' : 'glad';
}

export const openers: Readonly<Record<Tone, readonly string[]>> = {
  angry: [
    'This is the third time this month that I am writing about a problem, and I am really disappointed.',
    'Honestly, this is becoming unacceptable. We are losing customers over it.',
    'I am very angry. We pay a lot of money for a planner that fails when we need it most.',
    'What a terrible week. Nothing works as promised, and nobody at your end seems to care.',
  ],
  low: [
    'Sorry to bother you again, but we have a problem that costs us time every day.',
    'We are a bit frustrated at the moment.',
    'I hoped I would not have to write so soon after the last issue.',
    'My colleagues start to complain, so I have to ask.',
  ],
  calm: [
    'I noticed something odd today.',
    'We have a question about the planner.',
    'A short report from our office.',
    'I hope you are well.',
    'Could you help us with the following?',
  ],
  glad: [
    'First of all, the new release is great, thank you!',
    'We are very happy with Harbourline, there is just one small thing.',
    'Your support has been excellent so far, so I am sure that you can help.',
    'The crews love the new app, by the way. One question though.',
  ],
};

export const closers: Readonly<Record<Tone, readonly string[]>> = {
  angry: [
    'If this is not solved by {day}, we will cancel the contract.',
    'I expect an answer today, not another ticket number.',
    'We are already looking at other products.',
    'I want to speak to your manager about a refund.',
  ],
  low: [
    'Please let me know when we can expect a solution.',
    'It would be good to hear something soon.',
    'We really need this to work.',
  ],
  calm: [
    'Thanks for your help.',
    'No great hurry, but this week would be good.',
    'Let me know if you need more details.',
    '',
  ],
  glad: [
    'Thank you so much in advance!',
    'Keep up the wonderful work.',
    'No stress, it is a small thing. Have a lovely day!',
  ],
};

export const reactions: Readonly<Record<Tone, readonly string[]>> = {
  angry: [
    'I did exactly that and nothing has changed. This is a waste of our time.',
    'It is still broken. Our office manager is furious, and so am I. Please escalate this.',
    'That is not an answer. The same error happened again an hour later, and a customer walked away because of it.',
  ],
  low: [
    'It works on some phones, but not on all of them. Can you check again?',
    'Better, but not good. We still see it a few times a day, which is annoying.',
    'Thanks, though it took quite long. I hope it does not come back.',
  ],
  calm: [
    'That worked, thank you.',
    'Thanks for the explanation, we will try that on {day}.',
    'OK, understood. You can close this one.',
  ],
  glad: [
    'That fixed it, thank you so much for the quick help!',
    'Perfect, everything works again. Great service, as always.',
    'Wow, that was fast. You made my day, thanks a lot!',
  ],
};

export const apologies = [
  'I am sorry about the trouble this causes.',
  'Thank you for reporting this.',
  'Thanks for your patience.',
  'I understand how annoying that is.',
] as const;

export const staff_closers = [
  'Please tell me whether it works for you.',
  'Just answer this mail if anything is unclear.',
  'I will keep an eye on it.',
  'Sorry again for the trouble.',
] as const;

export const praises = [
  'I just wanted to say that the new route planning saves us about {count} hours a week. Fantastic work!',
  'Our dispatchers were sceptical at first, and now nobody wants to go back. Thank you all.',
  'I recommended you to a friend who runs a {industry} business as well. He will probably call you on {day}.',
  'Great training session on {day}, everybody enjoyed it. {first} explained it very well.',
  'We finished the season with half the overtime of last year, and your planner is a big part of that. Thank you!',
  'The support over the last weeks was outstanding. Please pass our thanks on to the team.',
] as const;

import { describe, expect, it } from 'vitest';
import { isClosing } from './closing.ts';

describe('a mail', () => {
  it.each([
    'Thank you!',
    'Thanks a lot, that solved it.\n\nAnn Smith\nHead of Things\n+44 20 7946 0000',
    'Perfect, thanks for your quick help.',
    'It works now. Cheers, Ann',
    'Vielen Dank, das hat geholfen.',
    'Merci beaucoup !',
    'Perfect, it works again.',
    'Understood. You can close this one.',
    'Thanks for explaining, we will try that on Monday.',
  ])('closes: %j', text => {
    expect(isClosing(text)).toBe(true);
  });

  it.each([
    '',
    'ok',
    'Thanks, but it still fails.',
    'Thank you. Could you send the invoice too',
    'Thanks! When is it there?',
    'Thanks in advance',
    'Thanks, the same happened again',
    'Thanks. You can see it on the second page',
    "Thanks, it doesn't start any more",
    'Danke, aber es geht noch nicht.',
    'The printer on the second floor is out of paper and nobody has seen the key. Thanks',
    `Thank you. ${'We have read it with great interest. '.repeat(10)}`,
  ])('does not: %j', text => {
    expect(isClosing(text)).toBe(false);
  });
});

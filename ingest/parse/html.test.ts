import { describe, expect, it } from 'vitest';
import { htmlToText } from './html.ts';

const text = (html: string) => htmlToText(html, 100_000);

describe('htmlToText', () => {
  it.each([
    ['words', 'Hello  <b>big</b>\n world', 'Hello big world'],
    ['entities', 'caf&eacute; &amp; &#8364;5 &#x1F600; a&nbsp;b', 'café & €5 😀 a\u00a0b'],
    ['paragraphs', '<p>one</p><p>two<br>three</p>', 'one\n\ntwo\nthree'],
    ['blocks', '<div>one<div>two</div></div><div>three</div>', 'one\ntwo\nthree'],
    ['lists', '<ul><li>one<li>two</ul>', '- one\n- two'],
    ['tables', '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
    ['links as their text', 'see <a href="https://a.example/?q=1">our offer</a>.', 'see our offer.'],
    ['descriptions of pictures', '<img alt="Big sale" src=x><img alt="logo.png">', 'Big sale'],
    ['preformatted lines', '<pre>a\n  b</pre>', 'a\n  b'],
    ['no script, style or title', '<title>t</title><style>p{}</style><script>if (a<b) "</p>"</script>x', 'x'],
    [
      'nothing hidden',
      '<div style="max-height:0; DISPLAY: none">p<div>q</div></div><span hidden>r</span><p>x</p>',
      'x',
    ],
    ['what is not hidden', '<div style="display:block">a</div><a hidden/><p style="display:none">b<p>c', 'a\n\nb\n\nc'],
    ['comments', 'a<!-- <p>no</p> -->b<![if mso]>c<![endif]>', 'abc'],
    [
      'marked quotations',
      'yes<blockquote type="cite"><p>shall we?</p>really?</blockquote>thanks',
      'yes\n\n> shall we?\n>\n> really?\n\nthanks',
    ],
    ['a plain indentation', '<blockquote>offer</blockquote>', 'offer'],
    ['broken markup', '<p>a<b>b</p><<i>c</i> < d <e', 'ab\n\n<c < d'],
    ['nothing', '', ''],
  ])('reads %s', (_, html, expected) => expect(text(html)).toBe(expected));

  it.each([
    ['nested', '<b>'.repeat(300_000)],
    ['unclosed', '<div><blockquote class=quote>'.repeat(50_000)],
    ['half open', '<'.repeat(300_000)],
    ['attributes', `<a ${'x="'.repeat(100_000)}`],
    ['hidden', '<div style="display:none">'.repeat(20_000)],
    ['comments', '<!--'.repeat(100_000)],
    ['line breaks', '<br>'.repeat(300_000)],
    ['entities', '&amp'.repeat(100_000)],
  ])('takes hostile input (%s) in linear time and space', (_, html) => {
    const started = performance.now();
    expect(text(html).length).toBeLessThanOrEqual(100_000);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('stops at the limit', () => {
    expect(htmlToText(`<p>${'word '.repeat(1_000)}</p>`, 50)).toHaveLength(50);
  });
});

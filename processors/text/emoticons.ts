/** Where an emoji or an emoticon ends. */
import { character, character_classes } from './characters.ts';

const variation_text = 0xfe0e;
const variation_emoji = 0xfe0f;
const zero_width_joiner = 0x200d;

/** Joined emoji are bounded: a family has seven parts, and a text could be one endless family. */
const emoji_chars_max = 32;

/**
 * The end of the emoji at `at` with the selectors, skin tones and joined emoji behind it (UTS #51), or `at` where none is.
 * Two regional indicators are one flag.
 */
export function emojiEnd(text: string, at: number, end: number, group: number): number {
  let next = symbolEnd(text, at, end, group);
  if (next === at) return at;
  const flag = isRegional(text, at);
  while (next < end && next - at < emoji_chars_max) {
    const code = text.charCodeAt(next);
    if (code === variation_emoji || code === variation_text || code === 0x20e3) next++;
    else if (isSkinTone(text, next)) next += 2;
    else if (flag && next - at === 2 && isRegional(text, next)) next += 2;
    else if (code === zero_width_joiner) {
      const joined =
        next + 1 < end ? symbolEnd(text, next + 1, end, character_classes[text.charCodeAt(next + 1)]!) : next + 1;
      if (joined === next + 1) break;
      next = joined;
    } else break;
  }
  return next;
}

function symbolEnd(text: string, at: number, end: number, group: number): number {
  if (group === character.symbol) return at + 1;
  if (group !== character.surrogate || at + 1 >= end) return at;
  const low = text.charCodeAt(at + 1);
  return low >= 0xdc00 && low <= 0xdfff ? at + 2 : at;
}

/** The code units at `at` only say how the emoji before them is drawn: how many they are. */
export function modifierUnits(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === variation_emoji || code === variation_text) return 1;
  return isSkinTone(text, at) ? 2 : 0;
}

function isSkinTone(text: string, at: number): boolean {
  const low = text.charCodeAt(at + 1);
  return text.charCodeAt(at) === 0xd83c && low >= 0xdffb && low <= 0xdfff;
}

function isRegional(text: string, at: number): boolean {
  const low = text.charCodeAt(at + 1);
  return text.charCodeAt(at) === 0xd83c && low >= 0xdde6 && low <= 0xddff;
}

const eyes = ':;=';
const noses = `-'^o~`;
const mouths = ')(][DPpdO/\\|*3@$}{><bcSsXx0';
const letters_in_mouths = 'DPpdOo3bcSsXx0';
const faces: readonly string[] = ['<3', '</3', '^_^', '-_-', '>_<', '(:', '(;', '):', '(=', ")':"];

/** The end of the emoticon that starts at `at` with a mark, or `at` where none does. */
export function emoticonEnd(text: string, at: number, end: number): number {
  if (eyes.includes(text.charAt(at))) {
    if (at > 0 && isWordUnit(text, at - 1)) return at;
    return faceEnd(text, at, end);
  }
  for (const face of faces) {
    if (text.startsWith(face, at) && at + face.length <= end && isFree(text, at, at + face.length))
      return at + face.length;
  }
  return at;
}

function faceEnd(text: string, at: number, end: number): number {
  let mouth = at + 1;
  if (mouth < end && noses.includes(text.charAt(mouth)) && mouths.includes(text.charAt(mouth + 1) || ' ')) mouth++;
  if (mouth >= end || !mouths.includes(text.charAt(mouth))) return at;
  if (letters_in_mouths.includes(text.charAt(mouth)) && isWordUnit(text, mouth + 1)) return at;
  let next = mouth + 1;
  while (next < end && text.charAt(next) === text.charAt(mouth)) next++;
  return next;
}

/** Reversed faces need space around them, or "(see (:x))" would smile. */
function isFree(text: string, from: number, to: number): boolean {
  return !isWordUnit(text, from - 1) && !isWordUnit(text, to);
}

function isWordUnit(text: string, at: number): boolean {
  const group = at < 0 || at >= text.length ? 0 : character_classes[text.charCodeAt(at)]!;
  return group === character.letter || group === character.digit;
}

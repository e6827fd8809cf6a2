/** Trains the spam model on a folder of spam and a folder of ham, with texts of our own beside them. */
import { join } from 'node:path';
import { quantise } from '../../lib/linear.ts';
import { Examples, type Trained, trainLinear } from '../../lib/linear-train.ts';
import type { Model } from '../../lib/model-file.ts';
import { readMail } from '../../processors/mail/reading.ts';
import { SpamFeatures, SpamModel, spam_spec } from '../../processors/mail/spam-model.ts';
import type { Email } from '../../schemas/generated.ts';
import { filesIn, readMbox } from '../corpora.ts';
import type { Figure } from '../figure.ts';
import { auc } from '../measures.ts';
import type { Trainer } from '../train.ts';
import { framed, newsletter, unitsOf } from './newsletters.ts';

export interface JudgedMail {
  readonly email: Email;
  readonly spam: boolean;
}

type Judged = readonly JudgedMail[];

const features = (1 << spam_spec.bits) + spam_spec.forms;
const l2 = 0.3;
const forms_l2 = 1;
const blocks = 5;
const seed = 7;
/** Of the mails, how many are there a second time as if in a newsletter. */
const framed_share = 0.3;
const newsletters = 1_000;
const newsletters_weight = 1;
/** What a probability of one half is to mean is asked in a mailbox where one mail of this many is spam. */
const mails_a_spam = 1_000;
const calibration_steps = 200;

export async function readJudged(data: string): Promise<{ mails: JudgedMail[]; files: string }> {
  const files = filesIn(join(data, 'mail'), '.mbox.gz');
  const mails: JudgedMail[] = [];
  for (const file of files) {
    const spam = file.includes('spam');
    for (const email of await readMbox(join(data, 'mail', file))) mails.push({ email, spam });
  }
  return { mails, files: files.join(' ') };
}

export const trainSpam: Trainer = async ({ data, say }) => {
  const { mails, files } = await readJudged(data);
  say(`${mails.length} mails`);
  return { model: trainedOn(mails), figures: [...spamFigures(mails, files)] };
};

/**
 * A mail's words are never measured by a model that has seen mail of its time: each of five blocks of the order of arrival is
 * measured by a model of the others, then the later half by a model of the earlier one, and the other way round.
 */
export function* spamFigures(mails: Judged, data: string): Generator<Figure> {
  const block = blocksOf(mails, blocks);
  yield* figuresOf('spam', mails, outOfBlock(mails, block, blocks), data);
  const half = blocksOf(mails, 2);
  const probabilities = outOfBlock(mails, half, 2);
  for (const [out, name] of ['earlier half', 'later half'].entries()) {
    const rows = mails.flatMap((_, at) => (half[at] === out ? [at] : []));
    const these = rows.map(at => mails[at]!);
    yield* figuresOf(
      'spam',
      these,
      Float64Array.from(rows, at => probabilities[at]!),
      `${data}, ${name} by the other`,
    );
  }
  const model = new SpamModel(trainedOn(mails, 'even'));
  const unit = unitsOf(seed + 1);
  const written = Array.from({ length: 300 }, () => newsletter(unit, 'odd'));
  const called = written.filter(mail => model.probability(mail, readMail(mail)) >= 0.5).length;
  const about = { what: 'own newsletters called spam', data: 'every second text, by a model of the others' };
  yield { ...about, measure: 'share', value: called / written.length, examples: written.length };
}

function* figuresOf(what: string, mails: Judged, probabilities: Float64Array, data: string): Generator<Figure> {
  const scored = mails.map(({ email, spam }, at) => ({
    spam,
    probability: probabilities[at]!,
    likeNews: newsOf(email),
  }));
  const spam = scored.filter(each => each.spam).map(each => each.probability);
  const ham = scored.filter(each => !each.spam);
  const share = (of: readonly number[]): number => of.filter(each => each >= 0.5).length / of.length;
  const hams = ham.map(each => each.probability);
  yield { what, data, measure: 'AUC', value: auc(spam, hams), examples: scored.length };
  yield { what: `${what}: found`, data, measure: 'share', value: share(spam), examples: spam.length };
  yield { what: `${what}: ham called spam`, data, measure: 'share', value: share(hams), examples: ham.length };
  const likeNews = ham.sort((a, b) => b.likeNews - a.likeNews).slice(0, Math.ceil(ham.length / 5));
  yield {
    what: `${what}: the fifth of the ham most like newsletters called spam`,
    data,
    measure: 'share',
    value: share(likeNews.map(each => each.probability)),
    examples: likeNews.length,
  };
}

/** How much a mail is like a newsletter: by words that spam has in common with it. */
export function newsOf({ text, in_reply_to }: Email): number {
  const found = text.match(newsletter_words)?.length ?? 0;
  return found / Math.sqrt(20 + text.length / 6) - (in_reply_to === null ? 0 : 1);
}

const newsletter_words =
  /\b(?:unsubscribe|newsletter|subscri\w+|click|offers?|free|prices?|copyright|edition|issue|sale|buy|order|sponsor\w*|visit|customers?|save)\b/gi;

/** Which block of the order of arrival each mail is in, spam and ham each cut into equal ones. */
function blocksOf(mails: Judged, count: number): Int32Array {
  const block = new Int32Array(mails.length);
  for (const spam of [true, false]) {
    const places = mails.flatMap((mail, at) => (mail.spam === spam ? [at] : []));
    places.sort((a, b) => mails[a]!.email.received_at_ms - mails[b]!.email.received_at_ms || a - b);
    places.forEach((at, rank) => {
      block[at] = Math.floor((rank * count) / places.length);
    });
  }
  return block;
}

/** Each mail's probability by a model of the other blocks. */
function outOfBlock(mails: Judged, block: Int32Array, count: number): Float64Array {
  const probabilities = new Float64Array(mails.length);
  for (let out = 0; out < count; out++) {
    const model = new SpamModel(trainedOn(mails.filter((_, at) => block[at] !== out)));
    mails.forEach(({ email }, at) => {
      if (block[at] === out) probabilities[at] = model.probability(email, readMail(email));
    });
  }
  return probabilities;
}

/** Trained on these mails and on the share of our own newsletters. */
export function trainedOn(mails: Judged, share: 'all' | 'even' = 'all'): Model {
  const block = blocksOf(mails, blocks);
  const { examples, of } = examplesOf(mails, share);
  const scores = new Float64Array(mails.length);
  for (let out = 0; out < blocks; out++) {
    const rows = of.flatMap((mail, row) => (mail < 0 || block[mail] !== out ? [row] : []));
    const trained = train(examples, rows);
    for (let at = 0; at < mails.length; at++) if (block[at] === out) scores[at] = scoreOf(examples, at, trained);
  }
  const calibration = calibrate(
    scores,
    mails.map(mail => mail.spam),
  );
  const { weights, bias } = train(examples);
  const spams = mails.filter(mail => mail.spam).length;
  return packed(weights, bias, calibration, (mails.length - spams) / spams);
}

/** The mails come first, in their order; `of` says which mail each row is of, −1 for none. */
function examplesOf(mails: Judged, share: 'all' | 'even'): { examples: Examples; of: number[] } {
  const examples = new Examples();
  const of: number[] = [];
  const reader = new SpamFeatures();
  const add = (
    email: Parameters<typeof readMail>[0] & Pick<Email, 'from'>,
    spam: boolean,
    weight: number,
    mail: number,
  ): void => {
    examples.add(reader.read(email, readMail(email)), spam ? 1 : 0, weight);
    of.push(mail);
  };
  for (const [at, { email, spam }] of mails.entries()) add(email, spam, 1, at);
  const unit = unitsOf(seed);
  mails.forEach(({ email, spam }, at) => {
    if (unit() < framed_share) add(framed(email, unit, share), spam, 1, at);
  });
  for (let count = 0; count < newsletters; count++) add(newsletter(unit, share), false, newsletters_weight, -1);
  return { examples, of };
}

function train(examples: Examples, rows?: readonly number[]): Trained {
  const dense = { from: 1 << spam_spec.bits, l2: forms_l2 };
  return trainLinear(examples, { features, classes: 1, l2, dense, ...(rows && { rows }) });
}

function scoreOf({ starts, index, value }: Examples, row: number, { weights, bias }: Trained): number {
  let score = bias[0]!;
  for (let at = starts[row]!; at < starts[row + 1]!; at++) score += weights[index[at]!]! * value[at]!;
  return score;
}

/** Slope and intercept of a logistic regression of the labels on the scores (Platt 1999), by Newton's method. */
function calibrate(scores: Float64Array, labels: readonly boolean[]): { slope: number; intercept: number } {
  let [slope, intercept] = [1, 0];
  for (let step = 0; step < calibration_steps; step++) {
    let [g0, g1, h00, h01, h11] = [1e-3 * slope, 0, 1e-3, 0, 1e-9];
    scores.forEach((score, at) => {
      const p = 1 / (1 + Math.exp(-slope * score - intercept));
      const error = p - (labels[at] ? 1 : 0);
      const curve = p * (1 - p);
      g0 += error * score;
      g1 += error;
      h00 += curve * score * score;
      h01 += curve * score;
      h11 += curve;
    });
    const determinant = h00 * h11 - h01 * h01;
    slope -= (h11 * g0 - h01 * g1) / determinant;
    intercept -= (h00 * g1 - h01 * g0) / determinant;
  }
  return { slope, intercept };
}

function packed(
  weights: Float64Array,
  bias: Float64Array,
  { slope, intercept }: ReturnType<typeof calibrate>,
  hams_a_spam: number,
): Model {
  const shift = Math.log((mails_a_spam - 1) / hams_a_spam);
  const calibrated = quantise(
    weights.map(weight => weight * slope),
    Float64Array.of(bias[0]! * slope + intercept - shift),
    1 << spam_spec.bits,
  );
  const { hashed, scale, dense, bias: bias_32 } = calibrated;
  return {
    name: 'spam',
    method: 'linear',
    revision: 1,
    spec: spam_spec,
    arrays: { hashed, scale, dense, bias: bias_32 },
  };
}

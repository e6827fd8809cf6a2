/** Sentiment by the number of texts taught: on texts of the kinds taught, on other kinds, and on mails. */
import { join } from 'node:path';
import { contentOf } from '../../processors/mail/content.ts';
import { readMail } from '../../processors/mail/reading.ts';
import { sentimentOf, sentimentOfMail } from '../../processors/mail/sentiment.ts';
import { SentimentModel } from '../../processors/text/sentiment/model.ts';
import { filesIn, type LabelledText, readTexts } from '../corpora.ts';
import { shuffled } from '../draws.ts';
import { aucOf, macroF1 } from '../measures.ts';
import { label_names, readToned, type TonedMail, trained_on } from '../sentiment/figures.ts';
import { balance, modelOf, readSources, type Sources, trainOn } from '../sentiment/train.ts';
import { type Curve, measured_share, pointOf, taught_shares } from './curve.ts';
import type { CurveRun } from './run.ts';

const draws = 3;

interface Measurement extends Pick<Curve, 'what' | 'data' | 'measure'> {
  /** Of a model, and the rows it was neither taught nor is to be taught. */
  readonly of: (model: SentimentModel, unseen: ReadonlySet<number>) => number;
}

export async function* sentimentCurves(run: CurveRun): AsyncGenerator<Curve> {
  const there = filesIn(join(run.data, 'sentiment'), '.jsonl.gz');
  if (!trained_on.every(file => there.includes(file))) return;
  const sources = readSources(run);
  const measurements = [...ofSources(sources), ...ofOthers(run.data), ...(await ofMails(run.data))];
  const values = taught_shares.map(() => measurements.map((): number[] => []));
  const rows = sources.all.texts.map((_, at) => at);
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffled(rows, draw + 1);
    const unseen = new Set(order.slice(Math.ceil(rows.length * (1 - measured_share))));
    taught_shares.forEach((share, at) => {
      run.say(`sentiment, draw ${draw + 1} of ${draws}: ${share} of the texts`);
      const model = taught(sources, order.slice(0, Math.floor(share * rows.length)));
      measurements.forEach(({ of }, which) => void values[at]![which]!.push(of(model, unseen)));
    });
  }
  for (const [which, { what, data, measure }] of measurements.entries()) {
    const points = taught_shares.map((share, at) => pointOf(Math.floor(share * rows.length), values[at]![which]!));
    yield { what, data, measure, points };
  }
}

/** Ratings are left as they are: they change no sign and no order. */
function taught({ all, tweets, vectors }: Sources, rows: readonly number[]): SentimentModel {
  const trained = trainOn(all, balance(all, tweets.texts.length), rows);
  return new SentimentModel({ ...modelOf(trained, 1, vectors), version: 'curve' });
}

function ofSources({ all, tweets }: Sources): Measurement[] {
  const cut = tweets.texts.length;
  const unseenOf = (unseen: ReadonlySet<number>, from: number, to: number): LabelledText[] =>
    all.texts.filter((_, at) => at >= from && at < to && unseen.has(at));
  const about = { what: 'sentiment', measure: 'macro-F1' } as const;
  return [
    { ...about, data: trained_on[0]!, of: (model, unseen) => threeWays(model, unseenOf(unseen, 0, cut)) },
    {
      ...about,
      what: 'sentiment, two classes',
      data: trained_on[1]!,
      of: (model, unseen) => twoWays(model, unseenOf(unseen, cut, all.texts.length)),
    },
  ];
}

/** The sets that are measured on alone. */
function ofOthers(data: string): Measurement[] {
  const files = filesIn(join(data, 'sentiment'), '.jsonl.gz').filter(file => !trained_on.includes(file));
  return files.map(file => {
    const texts = readTexts(join(data, 'sentiment', file));
    const two = texts.every(({ label }) => label !== 0);
    const [what, of] = two ? (['sentiment, two classes', twoWays] as const) : (['sentiment', threeWays] as const);
    return { what, data: file, measure: 'macro-F1', of: model => of(model, texts) };
  });
}

async function ofMails(data: string): Promise<Measurement[]> {
  const file = filesIn(join(data, 'mail'), '.tar.gz')[0];
  if (file === undefined) return [];
  const mails = await readToned(join(data, 'mail', file));
  return [{ what: 'tone of a mail', data: file, measure: 'AUC', of: model => toneOf(model, mails) }];
}

function threeWays(model: SentimentModel, texts: readonly LabelledText[]): number {
  return macroF1(texts.map(({ text, label }) => [nameOf(label), sentimentOf(text, model).label]));
}

/** By the sign of the score, where the label is not neutral. */
function twoWays(model: SentimentModel, texts: readonly LabelledText[]): number {
  const charged = texts.filter(({ label }) => label !== 0);
  return macroF1(
    charged.map(({ text, label }) => [nameOf(label), nameOf(sentimentOf(text, model).score > 0 ? 1 : -1)]),
  );
}

const nameOf = (label: number): string => label_names[label] ?? '';

/** As the enrichment reads a mail, by this model. */
function toneOf(model: SentimentModel, mails: readonly TonedMail[]): number {
  return aucOf(
    mails.map(({ email, positive }) => {
      const reading = readMail({ ...email, text: contentOf(email).own });
      return [positive, sentimentOfMail(email, reading, model).score];
    }),
  );
}

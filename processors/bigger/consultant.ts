/**
 * Asks the bigger models that are configured about a mail. This is the one part of the stages that is not pure; what it answers becomes
 * state before the step sees it (lib/enrichment.ts).
 */
import { openChat } from '../../lib/chat.ts';
import { MillraceError } from '../../lib/errors.ts';
import { Counter, Histogram, type Registry } from '../../lib/metrics.ts';
import { type PatienceOptions, patient } from '../../lib/patience.ts';
import { openTextClassifier, type TextClassifier } from '../../lib/text-classifier.ts';
import type { Consulted, Email, EmailReceived, Opinion, WrittenSummary } from '../../schemas/generated.ts';
import { type Category, categories } from '../../schemas/labels.ts';
import { sample_organization_id } from '../../schemas/sample.ts';
import { type BiggerSettings, type ClassifierSettings, type SummarySettings, slack_ms } from './settings.ts';
import { messagesFor, plainSummary } from './summary.ts';

export interface Consultant {
  readonly in_flight_max: number;
  /** Of a mail, whatever is asked about it. */
  readonly timeout_ms: number;
  /** What fails says so in its place. */
  ask(mail: EmailReceived, signal: AbortSignal): Promise<Consulted>;
  /** Stands for the answer where there is none at all. */
  failed(error: unknown): Consulted;
  close(): void;
}

/** Whom to ask, and what he is called. */
interface Asked<T> {
  readonly model: string;
  /** Null where there is nothing to ask. */
  ask(mail: EmailReceived, signal: AbortSignal): Promise<T | null>;
}

/** A transformer reads some hundred words; what is behind them would only be cut into tokens. */
const classified_chars_max = 4_000;

/** Loads what is configured. Throws MillraceError where a model cannot be loaded, or has a label that the settings do not name. */
export async function openConsultant(settings: BiggerSettings, metrics?: Registry): Promise<Consultant> {
  const tell = metersOf(metrics);
  const closing: (() => void)[] = [];
  const { in_flight_max } = settings;

  async function classifierOf(name: 'sentiment' | 'category'): Promise<Asked<Opinion> | null> {
    const wanted = settings[name];
    if (!wanted) return null;
    const classifier = await openTextClassifier({ ...wanted, runtime: settings.runtime });
    closing.push(classifier.close);
    checkLabels(name, classifier, wanted);
    return opinionOf(classifier, wanted, tell(name));
  }

  const close = (): void => {
    for (const end of closing) end();
  };
  try {
    const sentiment = await classifierOf('sentiment');
    const category = await classifierOf('category');
    const summary = settings.summaries ? summaryOf(settings.summaries, tell('summary')) : null;
    const timeouts_ms = [settings.sentiment, settings.category, settings.summaries].map(one => one?.timeout_ms ?? 0);
    return {
      in_flight_max,
      timeout_ms: Math.max(...timeouts_ms) + slack_ms,
      ...all({ sentiment, category, summary }),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

interface All {
  readonly sentiment: Asked<Opinion> | null;
  readonly category: Asked<Opinion> | null;
  readonly summary: Asked<WrittenSummary> | null;
}

function all({ sentiment, category, summary }: All): Pick<Consultant, 'ask' | 'failed'> {
  return {
    async ask(mail, signal) {
      const [of_sentiment, of_category, of_summary] = await Promise.all([
        sentiment?.ask(mail, signal) ?? null,
        category?.ask(mail, signal) ?? null,
        summary?.ask(mail, signal) ?? null,
      ]);
      return { sentiment: of_sentiment, category: of_category, summary: of_summary };
    },
    failed(error) {
      const failure = error instanceof MillraceError ? error.code : 'error';
      return {
        sentiment: sentiment && { scores: {}, model: sentiment.model, failure },
        category: category && { scores: {}, model: category.model, failure },
        summary: summary && { text: '', model: summary.model, failure },
      };
    },
  };
}

/** A model that says what we have no word for would be right or wrong, and nobody could tell. */
function checkLabels(name: string, { labels, version }: TextClassifier, settings: ClassifierSettings): void {
  const problem = (message: string): MillraceError => new MillraceError('config', `models.${name}.labels: ${message}`);
  const unnamed = labels.filter(label => !Object.hasOwn(settings.labels, label));
  if (unnamed.length > 0) throw problem(`${version} also has ${unnamed.join(', ')}`);
  const foreign = Object.values(settings.labels).filter(label => !categories.includes(label as Category));
  if (name === 'category' && foreign.length > 0) {
    throw problem(`${foreign.join(', ')} is no category; there are ${categories.join(', ')}`);
  }
}

type Told = NonNullable<PatienceOptions<never, never>['onReply']>;

function opinionOf(
  { version: model, classify }: TextClassifier,
  { labels, timeout_ms }: ClassifierSettings,
  onReply: Told,
): Asked<Opinion> {
  const ask = patient({ timeout_ms, onReply, ask: classify });
  return {
    model,
    async ask({ email }, signal) {
      const { value, failure } = await ask(wordsOf(email).slice(0, classified_chars_max), signal);
      return { scores: value ? renamed(value, labels) : {}, model, failure };
    },
  };
}

/** Two labels of the model may be one of ours. */
function renamed(
  scores: Readonly<Record<string, number>>,
  labels: ClassifierSettings['labels'],
): Record<string, number> {
  const ours: Record<string, number> = {};
  for (const [label, score] of Object.entries(scores)) {
    const name = labels[label] as string;
    ours[name] = (ours[name] ?? 0) + score;
  }
  return ours;
}

function summaryOf(settings: SummarySettings, onReply: Told): Asked<WrittenSummary> {
  const { url, api_key, parameters, timeout_ms, chars_max, text_chars_min, text_chars_max, imports } = settings;
  const chat = openChat({ url, model: settings.model, api_key, parameters });
  const model = `chat:${settings.model}`;
  const ask = patient({
    timeout_ms,
    onReply,
    ask: (email: Email, signal: AbortSignal) => chat(messagesFor(email, text_chars_max), signal),
  });
  return {
    model,
    async ask({ email, lineage }, signal) {
      const isImported = lineage.origin === 'backfill' && !imports;
      const isSample = email.owner.organization_id === sample_organization_id;
      if (isImported || isSample || email.text.length < text_chars_min) return null;
      const { value, failure } = await ask(email, signal);
      return { text: value === null ? '' : plainSummary(value, chars_max), model, failure };
    },
  };
}

/** A reply's subject is another writer's. */
const wordsOf = ({ in_reply_to, subject, text }: Email): string =>
  in_reply_to === null ? `${subject}\n\n${text}` : text;

function metersOf(metrics: Registry | undefined): (model: string) => Told {
  if (!metrics) return () => () => undefined;
  const registers = [metrics];
  const answers = new Counter({
    name: 'millrace_bigger_model_answers_total',
    help: 'Mails that a bigger model was to answer for, by what came of it: ok, or why the small model answered',
    labelNames: ['model', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'millrace_bigger_model_seconds',
    help: 'How long a mail waited for a bigger model',
    labelNames: ['model'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  return model => (outcome, took_seconds) => {
    answers.inc({ model, outcome });
    if (outcome !== 'resting') seconds.observe({ model }, took_seconds);
  };
}

import { count, percent, signed, words } from '../format.ts';

/** What a sentiment is called when it colours something; anything unknown stays grey. */
export function tone(sentiment: string): string {
  return sentiment === 'negative' || sentiment === 'positive' ? sentiment : 'neutral';
}

export function toneOf(score: number): string {
  if (score > 0.05) return 'positive';
  return score < -0.05 ? 'negative' : 'neutral';
}

export function SentimentChip({ sentiment, score }: { sentiment: string; score: number }) {
  return (
    <span
      class={`chip ${tone(sentiment)}`}
      title={`Sentiment ${sentiment || 'unknown'}: ${signed(score)} on a scale from −1 (negative) to +1 (positive)`}
    >
      {sentiment || 'unknown'} <b>{signed(score)}</b>
    </span>
  );
}

export function CategoryChip({ category }: { category: string }) {
  return (
    <span class="chip" title={`Category: ${words(category) || 'unknown'}, the most probable one; the mail shows all`}>
      {words(category) || 'unknown'}
    </span>
  );
}

export function Importance({ importance }: { importance: number }) {
  const level = importance >= 70 ? 'high' : importance >= 40 ? 'middle' : 'low';
  return (
    <span
      class={`importance ${level}`}
      title={`Importance ${importance} of 100; the mail shows the reasons that sum to it`}
      role="img"
      aria-label={`Importance ${importance} of 100`}
    >
      <span class="importance-bar">
        <span style={{ height: `${clamp(importance, 0, 100)}%` }} />
      </span>
      {Number.isFinite(importance) ? importance : '–'}
    </span>
  );
}

interface ScoreProps {
  score: number;
  grade: string;
  halves?: { fit: number; engagement: number };
}

export function Score({ score, grade, halves }: ScoreProps) {
  const parts =
    halves &&
    ` Fit ${count(halves.fit)} of 100 (whom we deal with), engagement ${count(halves.engagement)} (what was done).`;
  return (
    <span
      class={`score grade-${/^[A-E]$/.test(grade) ? grade : 'none'}`}
      title={`Lead score ${score} of 100: the probability of being won, in percent. Grade ${grade}, A is best, E is last.${parts ?? ''}`}
    >
      <b>{Number.isFinite(score) ? score : '–'}</b>
      <span>{grade}</span>
    </span>
  );
}

export function Confidence({ confidence, seen }: { confidence: number; seen: string }) {
  return (
    <span class="confidence" title={`Confidence ${percent(confidence)}, by how much was seen: ${seen}`}>
      <span class="meter" aria-hidden="true">
        <span style={{ width: `${clamp(confidence * 100, 0, 100)}%` }} />
      </span>
      <span class="sr">confidence </span>
      {percent(confidence)}
    </span>
  );
}

interface SignedBarProps {
  value: number;
  /** The longest bar's value. */
  max: number;
  /** Grey: where a score starts, neither good nor bad. */
  standing?: boolean;
}

/** A bar to the left of the middle for what lowers, to the right for what raises. */
export function SignedBar({ value, max, standing = false }: SignedBarProps) {
  const width = Number.isFinite(value) && max > 0 ? clamp((Math.abs(value) / max) * 50, 0, 50) : 0;
  return (
    <span class="signed-bar" aria-hidden="true">
      <span
        class={standing ? 'standing' : value < 0 ? 'negative' : 'positive'}
        style={{ width: `${width}%`, left: value < 0 ? `${50 - width}%` : '50%' }}
      />
    </span>
  );
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Number.isFinite(value) ? value : min));
}

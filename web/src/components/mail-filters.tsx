import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../context.ts';
import { count, words } from '../format.ts';
import { useResource } from '../hooks.ts';
import { sentiments } from '../model.ts';

export interface MailFilter {
  category: string;
  sentiment: string;
  search: string;
  order: 'date' | 'arrival';
}

interface MailFiltersProps {
  filter: MailFilter;
  arrived: number;
  onChange(change: Partial<MailFilter>): void;
}

export function MailFilters({ filter, arrived, onChange }: MailFiltersProps) {
  const categories = useCategories(filter.category);
  return (
    <header class="panel-head mail-filters">
      <h2 id="mail-title">Mail</h2>
      <fieldset class="segments">
        <legend class="sr">Order</legend>
        <Segment
          on={filter.order === 'date'}
          onClick={() => onChange({ order: 'date' })}
          title="By received time, newest first"
        >
          By date
        </Segment>
        <Segment
          on={filter.order === 'arrival'}
          onClick={() => onChange({ order: 'arrival' })}
          title="What came while this page was open, whatever its date; an imported archive shows here at once"
        >
          Arriving{arrived > 0 && <span class="count">{count(arrived)}</span>}
        </Segment>
      </fieldset>
      <select
        aria-label="Category"
        value={filter.category}
        onChange={event => onChange({ category: event.currentTarget.value })}
      >
        <option value="">Category</option>
        {categories.map(each => (
          <option key={each} value={each}>
            {words(each)}
          </option>
        ))}
      </select>
      <select
        aria-label="Sentiment"
        value={filter.sentiment}
        onChange={event => onChange({ sentiment: event.currentTarget.value })}
      >
        <option value="">Sentiment</option>
        {sentiments.map(each => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      <input
        type="search"
        placeholder="Search all mail"
        aria-label="Search all mail"
        value={filter.search}
        onInput={event => onChange({ search: event.currentTarget.value })}
      />
    </header>
  );
}

interface SegmentProps {
  on: boolean;
  title: string;
  onClick(): void;
  children: ComponentChildren;
}

export function Segment({ on, title, onClick, children }: SegmentProps) {
  return (
    <button type="button" aria-pressed={on} title={title} onClick={onClick}>
      {children}
    </button>
  );
}

/** The categories there are, over all time; once seen they stay in the selector. */
function useCategories(chosen: string): string[] {
  const { api, organization_id, hub } = useApp();
  const metrics = useResource(`categories ${organization_id}`, signal => api.metrics({ organization_id }, signal));
  const [known, setKnown] = useState<string[]>([]);
  useEffect(() => {
    const seen = metrics.data?.categories.map(each => each.category) ?? [];
    setKnown(before => [...new Set([...before, ...seen])].filter(each => each !== '').sort());
  }, [metrics.data]);
  useEffect(
    () =>
      hub.listen(['emails'], {
        onRecords(records) {
          const seen = records.map(record => String((record as { category?: unknown } | null)?.category ?? ''));
          setKnown(before => {
            const all = [...new Set([...before, ...seen])].filter(each => each !== '').sort();
            return all.length === before.length ? before : all.slice(0, categories_max);
          });
        },
      }),
    [hub],
  );
  return chosen === '' || known.includes(chosen) ? known : [...known, chosen];
}

/** A list to choose from; more than so many would be no category but an error upstream. */
const categories_max = 50;

import { useState } from 'preact/hooks';
import { useApp } from '../context.ts';
import { words } from '../format.ts';
import type { MailDetail, MailFeedback } from '../model.ts';
import { sentiments } from '../model.ts';
import { message } from '../record.ts';

/** Says what the models should have said of the mail; they learn from it for the next ones. What was said of this one stays. */
export function Feedback({ mail }: { mail: MailDetail }) {
  const { api } = useApp();
  const [said, setSaid] = useState<string | null>(null);
  const [isFault, setFault] = useState(false);

  async function say(feedback: MailFeedback, told: string): Promise<void> {
    try {
      await api.feedback(mail.email_id, feedback);
      setFault(false);
      setSaid(`${told}: the next mails are read with it`);
    } catch (fault) {
      setFault(true);
      setSaid(message(fault));
    }
  }

  const categories = Object.keys(mail.category_scores).sort();
  return (
    <section class="feedback" aria-label="Correct what was said">
      <h3>Not right? Teach the models</h3>
      <div class="feedback-choices">
        <Choice
          name="Sentiment"
          value={mail.sentiment}
          options={sentiments}
          onChoose={sentiment => void say({ sentiment }, `sentiment ${sentiment}`)}
        />
        <Choice
          name="Category"
          value={mail.category}
          options={categories}
          onChoose={category => void say({ category }, `category ${words(category)}`)}
        />
        <button type="button" class="quiet" onClick={() => void say({ important: true }, 'important')}>
          Important
        </button>
        <button type="button" class="quiet" onClick={() => void say({ important: false }, 'not important')}>
          Not important
        </button>
        <button type="button" class="quiet" onClick={() => void say({ spam: true, category: 'spam' }, 'spam')}>
          Spam
        </button>
        <button type="button" class="quiet" onClick={() => void say({ spam: false }, 'no spam')}>
          Not spam
        </button>
      </div>
      <p class={isFault ? 'fine fault' : 'fine'} role="status">
        {said ?? ''}
      </p>
    </section>
  );
}

interface ChoiceProps<T extends string> {
  name: string;
  value: string;
  options: readonly T[];
  onChoose(option: T): void;
}

function Choice<T extends string>({ name, value, options, onChoose }: ChoiceProps<T>) {
  return (
    <label>
      {name}{' '}
      <select value={value} onChange={event => onChoose(event.currentTarget.value as T)}>
        {options.map(option => (
          <option key={option} value={option}>
            {words(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

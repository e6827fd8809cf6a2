import type { Measurement, MetricWindow } from '../../schemas/generated.ts';
import { negative_max } from '../mail/sentiment.ts';

export function blankWindow({ owner, category }: Measurement, start_ms: number): MetricWindow {
  return {
    owner,
    category,
    start_ms,
    mails_in: 0,
    mails_out: 0,
    mails_internal: 0,
    events: 0,
    negative: 0,
    sentiment_sum: 0,
    responses: 0,
    response_seconds_sum: 0,
    response_seconds_max: 0,
    leads_up: 0,
    leads_down: 0,
    corrected: false,
    version: 0,
    closed_at_ms: 0,
  };
}

export function add(window: MetricWindow, { measure, value }: Measurement): MetricWindow {
  switch (measure) {
    case 'mail_in':
      return {
        ...window,
        mails_in: window.mails_in + 1,
        negative: window.negative + Number(value <= negative_max),
        sentiment_sum: window.sentiment_sum + value,
      };
    case 'mail_out':
      return { ...window, mails_out: window.mails_out + 1 };
    case 'mail_internal':
      return { ...window, mails_internal: window.mails_internal + 1 };
    case 'event':
      return { ...window, events: window.events + 1 };
    case 'response':
      return {
        ...window,
        responses: window.responses + 1,
        response_seconds_sum: window.response_seconds_sum + value,
        response_seconds_max: Math.max(window.response_seconds_max, value),
      };
    case 'lead_up':
      return { ...window, leads_up: window.leads_up + 1 };
    case 'lead_down':
      return { ...window, leads_down: window.leads_down + 1 };
    case 'tick':
      return window;
  }
}

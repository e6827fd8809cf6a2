/** Every table and where its rows come from: the sinks' table of contents. */
import type { Sink } from '../lib/sink.ts';
import { auditEvents } from './audit-events.ts';
import { conversations } from './conversations.ts';
import { customers } from './customers.ts';
import { deadLetters } from './dead-letters.ts';
import { deliveries } from './deliveries.ts';
import { duplicates } from './duplicates.ts';
import { erasedRecords } from './erased-records.ts';
import { feedback } from './feedback.ts';
import { interactions } from './interactions.ts';
import { leadModelVersions } from './lead-model-versions.ts';
import { leadScores } from './lead-scores.ts';
import { messages } from './messages.ts';
import { metricWindows } from './metric-windows.ts';
import { replays } from './replays.ts';
import { sourcePositions } from './source-positions.ts';
import { trace } from './trace.ts';

export const sinks: readonly Sink[] = [
  messages,
  deliveries,
  interactions,
  customers,
  conversations,
  leadScores,
  leadModelVersions,
  duplicates,
  deadLetters,
  sourcePositions,
  replays,
  metricWindows,
  auditEvents,
  feedback,
  ...erasedRecords,
  ...trace,
];

/** Every dashboard: the table of contents. A new one is its file, its line here, and its expectations in test/dashboards.test.ts. */
import type { NamedDashboard } from './dashboard.ts';
import { overview } from './overview.ts';
import { pipeline } from './pipeline.ts';

export const dashboards: readonly NamedDashboard[] = [overview, pipeline];

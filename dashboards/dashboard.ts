/** What every dashboard has. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';

export interface Section {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

export interface DashboardOptions {
  /** Its address in Grafana, and its file in `out/`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Builder<VariableModel>[];
  readonly sections: readonly Section[];
  /** As Grafana writes times, such as `now-30d`. */
  readonly from: string;
  readonly refresh: string;
}

export interface NamedDashboard {
  readonly name: string;
  readonly dashboard: Dashboard;
}

/** Panels are numbered in their order, so that the file changes only where the dashboard does. */
export function defineDashboard(options: DashboardOptions): NamedDashboard {
  const builder = new DashboardBuilder(options.title)
    .uid(`millrace-${options.name}`)
    .description(options.description)
    .tags(['millrace'])
    .timezone('browser')
    .time({ from: options.from, to: 'now' })
    .refresh(options.refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Millrace')
        .type(DashboardLinkType.Dashboards)
        .tags(['millrace'])
        .keepTime(true)
        .includeVars(true),
    );
  for (const variable of options.variables) builder.withVariable(variable);
  for (const section of options.sections) {
    builder.withRow(new RowBuilder(section.title));
    for (const panel of section.panels) builder.withPanel(panel);
  }
  const dashboard = builder.build();
  dashboard.panels?.forEach((panel, index) => {
    panel.id = index + 1;
  });
  return { name: options.name, dashboard };
}

/**
 * `npm run test:alerts`: judges the alert rules and the dashboard of deploy/ by promtool: rules are sound, each fires on its own series and
 * not on its twin, and whatever metric and label they name is there. The last line is `N passed, N failed`.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { parse, stringify } from 'yaml';
import { METRICS } from '../../src/metrics/metric-names.ts';
import { succeeds } from '../support/commands.ts';
import { installDebianPackages } from '../support/installed/debian.ts';

const RULES = 'deploy/prometheus/alerts.yml';
const RULE_TESTS = 'deploy/prometheus/alerts.test.yml';
const DASHBOARD = 'deploy/grafana/mcpo-proxy.json';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

interface RuleTest {
  readonly input_series: readonly { readonly series: string }[];
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const { tests } = parse(readFileSync(RULE_TESTS, 'utf8')) as { tests: RuleTest[] };
const dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as {
  uid: string;
  panels: Panel[];
  templating: { list: { query: string }[] };
};
const shown = dashboard.panels.flatMap(({ targets }) => targets ?? []).map(({ expr }) => expr);

const CHECKS: Readonly<Record<string, () => void>> = {
  'the rules are sound': () => judged('check', 'rules', RULES),
  'each rule fires on its series, and not on its twin': () => judged('test', 'rules', RULE_TESTS),
  'each rule has a test that it fires, and one that it does not': () => {
    const outcomes = tests.flatMap((test) =>
      test.alert_rule_test.map(({ alertname, exp_alerts }) => `${alertname} ${exp_alerts.length > 0}`),
    );
    assert.deepEqual(outcomes.sort(), rules.flatMap(({ alert }) => [`${alert} false`, `${alert} true`]).sort());
  },
  'the rules name metrics and labels that are there': () =>
    assert.deepEqual(
      rules.flatMap(({ expr }) => unknownIn(expr)),
      [],
    ),
  'so do their tests': () =>
    assert.deepEqual(
      tests.flatMap(({ input_series }) => input_series.flatMap(({ series }) => unknownIn(series))),
      [],
    ),
  'so does the dashboard': () =>
    assert.deepEqual([...shown, ...dashboard.templating.list.map(({ query }) => query)].flatMap(unknownIn), []),
  'the dashboard shows every metric of the gateway': () => {
    const missing = Object.values(METRICS).filter(({ name }) => !shown.some((expr) => expr.includes(name)));
    assert.deepEqual(missing, []);
  },
  'what the dashboard asks for is PromQL': () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mcpo-alerts-'));
    try {
      const file = path.join(folder, 'dashboard.yml');
      const record = (expr: string, index: number) => ({ record: `panel_${index}`, expr: expr.replaceAll('$__rate_interval', '5m') });
      writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules: shown.map(record) }] }));
      judged('check', 'rules', file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  'each panel has an id of its own, and asks for something': () => {
    const { panels, uid } = dashboard;
    assert.equal(uid, 'mcpo-proxy');
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.deepEqual(
      panels.filter(({ type, targets }) => type !== 'row' && !targets?.length),
      [],
    );
  },
  'docs/operations.md tells of every rule, and of no other': () => {
    const told = [...readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `(Mcpo\w+)` \|/gm)].map(([, name]) => name);
    assert.deepEqual(told.sort(), rules.map(({ alert }) => alert).sort());
  },
};

function judged(...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
}

/** Labels of each metric, by name; histograms are there by those of their series. Prometheus itself adds `instance` and `job`. */
const LABELS = new Map<string, readonly string[]>([['up', []]]);
for (const metric of Object.values(METRICS)) {
  const isHistogram = 'buckets' in metric;
  for (const suffix of isHistogram ? ['_bucket', '_sum', '_count'] : ['']) LABELS.set(metric.name + suffix, [...metric.labelNames, 'le']);
}
const defaults = new Registry();
collectDefaultMetrics({ register: defaults });
for (const { name } of await defaults.getMetricsAsJSON()) if (!LABELS.has(name)) LABELS.set(name, []);

/** What an expression names that is not there: metrics, and labels in their selectors. */
function unknownIn(expr: string): string[] {
  const named = [...expr.matchAll(/\b((?:mcpo|process|nodejs)_\w+|up(?=\{))(?:\{([^}]*)\})?/g)];
  return named.flatMap(([, name = '', selector = '']) => {
    const known = LABELS.get(name);
    if (!known) return [name];
    const labels = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label);
    return labels.filter((label) => ![...known, 'instance', 'job'].includes(label)).map((label) => `${name}{${label}}`);
  });
}

if (!(await succeeds('promtool', ['--version']))) await installDebianPackages(['prometheus'], 'The alert rules are judged by promtool.');
let failed = 0;
for (const [title, check] of Object.entries(CHECKS)) {
  try {
    check();
    console.log(`ok      ${title}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${title}`);
    console.log(error instanceof Error ? error.message : error);
  }
}
console.log(`${Object.keys(CHECKS).length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

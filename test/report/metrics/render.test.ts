import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { PathKey } from '../../../models/path.ts';
import { Accounting } from '../../../src/core/accounting/accounting.ts';
import {
  figuredPaths,
  type PathFigures,
  pathFigures,
  runFigures,
  sharedWeights,
} from '../../../src/core/report/figures.ts';
import { initial } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { run } from '../../../src/kernel/exec.ts';
import { metricFamilies } from '../../../src/report/metrics/families.ts';
import { type MetricFormat, renderMetrics } from '../../../src/report/metrics/render.ts';
import { exampleConfig, exampleProvider, start } from '../../core/example.ts';
import { simulate } from '../../core/simulate.ts';

/** The metrics of two minutes in which fibre was down for 20 s. */
async function afterAnOutage(format: MetricFormat): Promise<{ contentType: string; text: string }> {
  const config = exampleConfig({ providers: [0, 1].map((index) => exampleProvider(index)) });
  const lines = [{ up: (ms: number) => ms < 60_000 || ms > 80_000 }, { up: () => true }];
  const { events } = simulate({ config, lines, forMs: 120_000 });
  const [state, accounting] = [initial(config, start), new Accounting()];
  for (const event of events) accounting.note(event, state, step(state, event).decisions);
  const costs = { cpuSeconds: 1.5, residentBytes: 50e6, openDescriptors: 20 };
  const figures = runFigures(state, accounting);
  const weights = sharedWeights(state);
  const paths = figuredPaths(state).map((key: PathKey) => pathFigures(state, key, { accounting, weights }));
  return renderMetrics(
    {
      run: { ...figures, process: costs, version: '1.2.3', onWallClock: (at) => at },
      paths: paths.filter((path): path is PathFigures => path !== undefined),
    },
    format,
  );
}

/** The value of a series, whatever the order of its labels. */
function read(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = text.split('\n').find((each) => {
    const [, series, list = ''] = /^(\w+)\{(.*)\} /.exec(each) ?? [];
    const given = list.split(',');
    return series === name && given.length === wanted.length && wanted.every((one) => given.includes(one));
  });
  assert.ok(line, `${name} ${wanted} is not in\n${text}`);
  return Number(line.slice(line.indexOf('} ') + 2).split(' ')[0]);
}

const fibre = { provider: 'fibre', family: '4' };
const lte = { provider: 'lte', family: '4' };

test('an outage is in the counters, and the traffic that moved because of it', async () => {
  const { contentType, text } = await afterAnOutage('text');
  assert.equal(contentType, 'text/plain; version=0.0.4; charset=utf-8');
  const down = read(text, 'failover_path_state_seconds_total', { ...fibre, state: 'down' });
  assert.ok(Math.abs(down - 20) < 2, `${down} s`);
  assert.equal(read(text, 'failover_outage_seconds_count', fibre), 1);
  assert.equal(read(text, 'failover_outage_seconds_bucket', { ...fibre, le: '10' }), 0);
  assert.equal(read(text, 'failover_outage_seconds_bucket', { ...fibre, le: '30' }), 1);
  assert.equal(read(text, 'failover_switches_total', { family: '4', cause: 'failover' }), 1);
  assert.equal(read(text, 'failover_path_up', lte), 1);
  assert.equal(read(text, 'failover_internet_up', { family: '4' }), 1);
  assert.equal(read(text, 'failover_window_rtt_seconds', lte), 0.0125);
});

test('promtool finds nothing wrong with the text format', { skip: await missing('promtool') }, async () => {
  const { text } = await afterAnOutage('text');
  const { code, stdout, stderr } = await run('promtool', ['check', 'metrics'], { input: text });
  assert.equal(`${stdout}${stderr}`, '');
  assert.equal(code, 0);
});

test('OpenMetrics names counters without their suffix, links a switch to its decision, and ends with EOF', async () => {
  const { contentType, text } = await afterAnOutage('openmetrics');
  assert.equal(contentType, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.match(text, /^# TYPE failover_switches counter$/m);
  assert.match(
    text,
    /^failover_switches_total\{family="4",cause="failover"\} 1 # \{decision="[a-z0-9-]+"\} 1 \d+/m,
  );
  assert.match(text, /\n# EOF\n$/);
});

test('every metric has a name of its own in base units, and a sentence of help', () => {
  const names = metricFamilies.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, type, help } of metricFamilies) {
    assert.match(name, /^(failover|process)_[a-z_]+$/);
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    assert.match(help, /\.$/, name);
  }
});

test('docs/metrics.md lists every metric with its type and help', () => {
  const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` +\| (\w+) +\| (.*?) *\|$/gm)].map(([, ...cells]) => cells);
  assert.deepEqual(
    rows,
    metricFamilies.map(({ name, type, help }) => [name, type, help]),
  );
});

async function missing(program: string): Promise<string | false> {
  const { code } = await run(program, ['--version']);
  return code === 0 ? false : `${program} is not installed`;
}

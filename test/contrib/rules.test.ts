import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../../src/kernel/exec.ts';
import { metricFamilies } from '../../src/report/metrics/families.ts';

const rules = fileURLToPath(new URL('../../contrib/prometheus/failover.rules.yml', import.meta.url));
const cases = ['failover.rules.test.yml', 'failover.rules.long.test.yml'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
const { code } = await run('promtool', ['--version']);
const skip = code === 0 ? false : 'promtool is not installed';

test('each alert fires where it should, and not before', { skip }, async () => {
  const outcome = await run('promtool', ['test', 'rules', ...cases], { timeoutMs: 200_000 });
  assert.equal(outcome.code, 0, `${outcome.stdout}${outcome.stderr}`);
});

test('each alert has a case, and is made of metrics that there are', () => {
  const text = readFileSync(rules, 'utf8');
  const tried = cases.map((file) => readFileSync(file, 'utf8')).join('');
  const alerts = [...text.matchAll(/alert: (\w+)/g)].map(([, name]) => name ?? '');
  assert.ok(alerts.length > 10);
  for (const alert of alerts) assert.match(tried, new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:`), alert);
  const known = new Set(metricFamilies.map(({ name }) => name));
  for (const [name] of text.matchAll(/\bfailover_[a-z_]+/g))
    assert.ok(known.has(name.replace(/_(bucket|sum|count)$/, '')), name);
});

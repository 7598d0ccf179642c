import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../src/config/mistake.ts';
import { parseConfig } from '../../src/config/parse.ts';

const providers = [
  { id: 'fibre', interfaceName: 'eth1', tier: 0 },
  { id: 'cable', interfaceName: 'eth2', tier: 0 },
];

function warnings(settings: Readonly<Record<string, unknown>>): string {
  const parsed = parseConfig({ providers, ...settings }, { file: '/x/config.ts' });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.warnings.map(explain).join('\n');
}

test("parseConfig() takes backend 'frr' up to the last distance that zebra installs", () => {
  assert.equal(warnings({ backend: 'frr', startMetric: 253 }), '');
  const beyond = parseConfig({ providers, backend: 'frr', startMetric: 254 }, { file: '/x/config.ts' });
  assert.match(beyond.ok ? '' : beyond.mistakes.map(explain).join(), /startMetric: must be at most 253/);
});

test('parseConfig() says that static routes have no weights', () => {
  const unequal = providers.map((provider, i) => ({ ...provider, weight: i + 1 }));
  assert.match(warnings({ backend: 'frr', providers: unequal }), /equal shares/);
  assert.equal(warnings({ backend: 'frr' }), '');
});

test('parseConfig() says what has no effect', () => {
  assert.match(warnings({ frr: { tag: 5 } }), /^frr: has no effect/);
  assert.match(
    warnings({ connectionMarks: 'external', stickyClients: { by: 'source' } }),
    /^stickyClients: have no effect/,
  );
});

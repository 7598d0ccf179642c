import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IsolatedScenario } from '../../models/isolated-scenario.ts';
import { TestScenarioHttp } from '../../models/scenarios/http.ts';
import {
  type PackedConfig,
  packConfig,
  parse,
  replaceScenarios,
  scenariosOf,
  stringify,
  unpackConfig,
} from '../../src/config/packed-config.ts';
import { parseConfig } from '../../src/config/parse.ts';

/** A configuration, parsed. */
function configOf(input: unknown) {
  const parsed = parseConfig(input, { file: '/x/config.ts' });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.config;
}

/** The same, after it crossed between processes. */
function crossed(config: ReturnType<typeof configOf>) {
  return unpackConfig(parse(stringify(packConfig(config))) as PackedConfig);
}

const everyKind = [
  { ping: '1.1.1.1', size: 100, weight: 2 },
  { tcp: '[2001:db8::1]:443', tls: { serverName: 'example.org' }, banner: 'x' },
  { http: 'https://example.org/', body: /a+b\/c/i, status: [200, 204], timeout: '250ms' },
  { dns: 'example.org', server: 'gateway', expect: ['1.2.3.4'], every: '30s' },
  { mtu: '1.1.1.1', size: 1400 },
  { neighbour: true, required: true },
  { exec: ['/bin/true', 'a b'], env: { A: 'b' } },
];

test('packConfig() and unpackConfig() keep every setting, and scenarios of every kind as they are', () => {
  const config = configOf({
    checkInterval: '250ms',
    loss: { down: '20%', up: '10%' },
    connectionMarks: true,
    providers: [
      { id: 'a', interfaceName: 'eth1', testScenarios: [{ ping: 'gateway' }] },
      { id: 'b', interfaceName: 'eth2', tier: null },
      { id: 'w', interfaceName: 'wwan*', testScenarios: [{ tcp: 'example.org:80' }] },
    ],
    testScenarios: everyKind,
  });
  const again = crossed(config);
  assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(config)));
  assert.deepEqual(
    [...scenariosOf(again)].map((scenario) => scenario.constructor),
    [...scenariosOf(config)].map((scenario) => scenario.constructor),
  );
  const http = again.testScenarios[2];
  assert.ok(http instanceof TestScenarioHttp);
  assert.deepEqual(http.options.body, /a+b\/c/i);
  assert.equal(http.timeoutMs, 250);
});

test('packConfig() keeps what a scenario of the operator says of itself, and its code once', () => {
  const runTest = async () => ({ ok: true, rttMs: 1 });
  const own = {
    name: 'mine',
    families: [6],
    weight: 3,
    required: true,
    everyMs: 5000,
    layer: 'http',
    runTest,
  };
  const provider = { id: 'a', interfaceName: 'eth1' };
  const config = configOf({ providers: [provider], testScenarios: [{ ping: '1.1.1.1' }, own] });
  const [, mine] = config.testScenarios;
  assert.ok(mine !== undefined);
  assert.throws(() => packConfig(config), /mine is code, not data/);
  const code = { file: '/x/config.ts', text: 'export default {}', map: '{}' };
  const isolated = new IsolatedScenario(mine, code, ['testScenarios', 1]);
  const again = crossed(replaceScenarios(config, new Map([[mine, isolated]]))).testScenarios[1];
  assert.ok(again instanceof IsolatedScenario);
  assert.deepEqual(again.code, code);
  assert.deepEqual(again.place, ['testScenarios', 1]);
  const { name, families, weight, required, everyMs, layer, timeoutMs, isOneRoundTrip } = again;
  assert.deepEqual(
    { name, families, weight, required, everyMs, layer, timeoutMs, isOneRoundTrip },
    {
      ...{ name: 'mine', families: [6], weight: 3, required: true, everyMs: 5000, layer: 'http' },
      timeoutMs: undefined,
      isOneRoundTrip: false,
    },
  );
});

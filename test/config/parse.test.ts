import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Config, ConfigInput } from '../../models/config.ts';
import { explain } from '../../src/config/mistake.ts';
import { parseConfig } from '../../src/config/parse.ts';

const context = { file: '/etc/failover/config.ts' };
const providers = [
  { id: 'fibre', interfaceName: 'eth1' },
  { id: 'lte', interfaceName: 'wwan0' },
];

function good(input: ConfigInput): Config {
  const parsed = parseConfig(input, context);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.mistakes.map(explain).join('\n'));
  return parsed.config;
}

function messages(input: unknown): readonly string[] {
  const parsed = parseConfig(input, context);
  return parsed.ok ? [] : parsed.mistakes.map(explain);
}

function warnings(input: ConfigInput): readonly string[] {
  return parseConfig(input, context).warnings.map(({ path }) => path);
}

describe('parseConfig()', () => {
  test('takes several that discover their gateways on one interface, but not with one pattern', () => {
    const two = (interfaceName: string) =>
      ['a', 'b'].map((id) => ({ id, interfaceName, gateway: 'discover', ipv6Address: 'none' }));
    assert.deepEqual(messages({ providers: two('eth1') }), []);
    assert.match(
      messages({ providers: two('wan*') }).join(),
      /providers\[1\]\.interfaceName: must not lead to the same gateway/,
    );
  });

  test('fills in every default', () => {
    const { providers: found, testScenarios, open, ...settings } = good({ providers });
    assert.deepEqual(open, {
      tables: found.map(({ id }) => id),
      ...{ activeTableId: true, rulePreference: true, startMetric: true, fwmarkMask: true },
    });
    assert.deepEqual(settings, {
      checkIntervalMs: 1000,
      checkTimeoutMs: 1000,
      confirmIntervalMs: 50,
      minOutageMs: 1000,
      startMetric: 77,
      maxStoredTestResultCount: 50,
      maxFailedChecks: 20,
      maxConsecutiveFailedChecks: 2,
      minConsecutiveSucceededChecks: 4,
      requiredSuccessful: 1,
      loss: { down: 0.2, up: 0.05 },
      rtt: undefined,
      jitter: undefined,
      holdDownMs: 0,
      failbackDelayMs: 10_000,
      maxFailbackDelayMs: 600_000,
      failback: true,
      allDown: 'keep',
      onStop: 'keep',
      stickyProviderFilename: '/etc/failover/sticky.provider',
      probeWhileSticky: true,
      layout: 'metrics',
      activeTableId: 100,
      rulePreference: 10_770,
      routes: ['default'],
      excludes: [],
      multipath: 'resilient',
      connectionMarks: false,
      fwmarkMask: 0xff000000,
      stickyClients: undefined,
      downlinks: { lan: [], dmz: [] },
      metrics: undefined,
      nameservers: [
        '1.1.1.1',
        '8.8.8.8',
        '9.9.9.9',
        '2606:4700:4700::1111',
        '2001:4860:4860::8888',
        '2620:fe::fe',
      ],
    });
    assert.deepEqual(
      testScenarios.map(({ name, families }) => [name, families]),
      [
        ['ping 1.1.1.1', [4]],
        ['ping 8.8.8.8', [4]],
        ['ping 9.9.9.9', [4]],
        ['ping 2606:4700:4700::1111', [6]],
        ['ping 2001:4860:4860::8888', [6]],
        ['ping 2620:fe::fe', [6]],
      ],
    );
    assert.deepEqual(
      found.map(({ tier, rtTableId, rtTableName }) => [tier, rtTableId, rtTableName]),
      [
        [0, 101, 'fibre'],
        [1, 102, 'lte'],
      ],
    );
  });

  test('takes timing from the reaction, and single settings before it', () => {
    const calm = good({ reaction: 'calm', providers });
    assert.deepEqual([calm.checkIntervalMs, calm.minOutageMs, calm.failbackDelayMs], [5000, 3000, 60_000]);
    const parsed = parseConfig({ reaction: 'fast', minOutage: 0.5, providers }, context);
    assert.ok(parsed.ok);
    assert.deepEqual([parsed.config.checkIntervalMs, parsed.config.minOutageMs], [100, 500]);
    assert.deepEqual(
      ['checkInterval', 'minOutage', 'checkTimeout'].map((name) => parsed.sources[name]),
      ['reaction fast', 'config', 'default'],
    );
  });

  test('shortens the default confirmInterval to what is set beside it', () => {
    assert.equal(good({ checkInterval: 0.02, minOutage: 0.06, providers }).confirmIntervalMs, 20);
    assert.equal(good({ minOutage: '30ms', providers }).confirmIntervalMs, 30);
    assert.equal(good({ minOutage: 0, providers }).confirmIntervalMs, 50);
  });

  test('reads every way to write a length of time, a ratio and an address', () => {
    const config = good({
      holdDown: '2m',
      failbackDelay: '1.5h',
      loss: { down: '20%', up: 0.1 },
      rtt: { down: 0.4, up: '200ms', whileLoaded: { down: '3s', up: 2 } },
      providers: [{ id: 'a', interfaceName: 'eth1', ipv4Address: '10.1.2.3/20', ipv6Gateway: 'FE80:0::1' }],
    });
    assert.deepEqual([config.holdDownMs, config.failbackDelayMs], [120_000, 5_400_000]);
    assert.deepEqual(config.loss, { down: 0.2, up: 0.1 });
    assert.deepEqual(config.rtt, { down: 400, up: 200, whileLoaded: { down: 3000, up: 2000 } });
    assert.deepEqual(config.providers[0]?.addressing, {
      4: { address: '10.1.2.3', network: '10.1.0.0/20', gateway: 'auto' },
      6: { address: 'auto', network: 'auto', gateway: 'fe80::1' },
    });
  });

  test('gives free table numbers, and table names that hide no number', () => {
    const { providers: found } = good({
      providers: [
        { id: '7', interfaceName: 'eth1' },
        { id: 'b', interfaceName: 'eth2', rtTableId: 101 },
        { id: 'main', interfaceName: 'eth3', rtTableId: 103 },
        { id: 'd', interfaceName: 'eth4' },
      ],
    });
    assert.deepEqual(
      found.map(({ rtTableId, rtTableName }) => [rtTableId, rtTableName]),
      [
        [102, 'failover-7'],
        [101, 'b'],
        [103, 'failover-main'],
        [104, 'd'],
      ],
    );
  });

  test('steps over the tables of the kernel however many providers there are', () => {
    const many = Array.from({ length: 200 }, (_, i) => ({ id: `p${i}`, interfaceName: `eth${i}` }));
    const ids = good({ providers: many }).providers.map(({ rtTableId }) => rtTableId);
    assert.equal(new Set(ids).size, 200);
    assert.ok(!ids.some((id) => id >= 253 && id <= 255));
  });

  test('allows what providers may share: gateway and own address on two interfaces, one interface with two gateways', () => {
    const same = { ipv4Address: '192.168.1.2', network: '192.168.1.0/24', gateway: '192.168.1.1' };
    good({
      providers: [
        { id: 'a', interfaceName: 'eth1', ...same },
        { id: 'b', interfaceName: 'eth2', ...same },
      ],
    });
    const shared = {
      providers: [
        { id: 'a', interfaceName: 'eth1', gateway: '10.0.0.1' },
        { id: 'b', interfaceName: 'eth1', gateway: '10.0.0.2' },
      ],
    };
    good(shared);
    assert.deepEqual(warnings(shared), []);
  });

  test('allows a gateway outside a lone address and a link-local one outside every network', () => {
    good({ providers: [{ id: 'a', interfaceName: 'eth1', network: '10.0.0.5/32', gateway: '10.9.9.1' }] });
    good({
      providers: [{ id: 'a', interfaceName: 'eth1', ipv6Network: '2001:db8::/64', ipv6Gateway: 'fe80::1' }],
    });
    good({
      providers: [
        {
          id: 'a',
          interfaceName: 'eth1',
          network: '10.0.0.4/31',
          ipv4Address: '10.0.0.4',
          gateway: '10.0.0.5',
        },
      ],
    });
  });

  test('ignores what is undefined and refuses what is null', () => {
    good({ checkInterval: undefined, providers } as unknown as ConfigInput); // as plain JavaScript may
    assert.equal(messages({ checkInterval: null, providers }).length, 1);
  });

  test('warns of limits and delays without effect', () => {
    assert.deepEqual(warnings({ maxFailedChecks: 50, providers }), ['maxFailedChecks']);
    assert.deepEqual(warnings({ maxConsecutiveFailedChecks: 60, providers }), ['maxConsecutiveFailedChecks']);
    assert.deepEqual(warnings({ loss: { down: 1, up: 0.5 }, providers }), ['loss.down']);
    assert.deepEqual(warnings({ rtt: { down: '2s', up: '1s' }, providers }), ['rtt.down']);
    assert.deepEqual(warnings({ failback: 'never', failbackDelay: '1m', providers }), ['failbackDelay']);
    const short = { failbackDelay: '1m', maxFailbackDelay: '30s', providers } as const;
    assert.deepEqual(warnings(short), ['maxFailbackDelay']);
    assert.deepEqual(warnings({ ...short, maxFailbackDelay: '1m' }), []);
    assert.deepEqual(warnings({ checkTimeout: '11s', providers }), ['checkTimeout']);
    const watched = providers.map((provider, index) => ({ ...provider, tier: null, enabled: index === 0 }));
    assert.deepEqual(warnings({ providers: watched }), ['providers']);
    assert.deepEqual(warnings({ testScenarios: [{ ping: '1.1.1.1' }, { ping: '1.1.1.1' }], providers }), [
      'testScenarios[1]',
    ]);
  });

  test('is not asked to compare what is wrong already', () => {
    assert.deepEqual(
      messages({ loss: { down: 'x', up: '1%' }, maxStoredTestResultCount: 10, providers }).length,
      1,
    );
  });

  test('has a default for every setting but rtt, jitter, sticky clients and metrics', () => {
    const config = good({ providers });
    const unset = Object.entries(config).filter(([, value]) => value === undefined);
    assert.deepEqual(unset.map(([key]) => key).sort(), ['jitter', 'metrics', 'rtt', 'stickyClients']);
  });
});

/** Settings that are right, for a property to spoil. */
const whole = {
  reaction: 'fast',
  checkInterval: '1s',
  minOutage: 1,
  maxStoredTestResultCount: 50,
  requiredSuccessful: 2,
  loss: { down: '20%', up: '10%' },
  providers: [
    {
      id: 'a',
      interfaceName: 'eth1',
      ipv4Address: '10.0.0.2',
      network: '10.0.0.0/24',
      gateway: '10.0.0.1',
      rtTableId: 7,
    },
    { id: 'b', interfaceName: 'eth2', testScenarios: [{ ping: '1.1.1.1', size: 8 }, { ping: '8.8.8.8' }] },
  ],
  testScenarios: [{ ping: '1.1.1.1' }, { ping: '8.8.8.8' }],
};

function paths(value: unknown, prefix: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [prefix];
  return [prefix, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...prefix, key]))];
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((inner, i) => (String(i) === key ? replaceAt(inner, rest, by) : inner));
  const fields = { ...(value as Record<string, unknown>) }; // `paths` led here
  return { ...fields, [key]: replaceAt(fields[key], rest, by) };
}

function isExplained(input: unknown): void {
  const parsed = parseConfig(input, context);
  for (const found of [...parsed.warnings, ...(parsed.ok ? [] : parsed.mistakes)])
    assert.match(explain(found), /^[^\n]{10,}$/);
  if (!parsed.ok) assert.ok(parsed.mistakes.length > 0);
}

describe('parseConfig() never throws', () => {
  test('on any value', () => {
    fc.assert(fc.property(fc.anything(), isExplained), { numRuns: 500 });
    fc.assert(fc.property(fc.jsonValue(), isExplained), { numRuns: 500 });
  });

  test('on any value under a known key', () => {
    const keys = fc.constantFrom(
      'providers',
      'testScenarios',
      'loss',
      'checkInterval',
      'PROVIDERS',
      'test_cases',
    );
    fc.assert(fc.property(fc.dictionary(keys, fc.anything()), isExplained), { numRuns: 500 });
  });

  test('on a right configuration with one value replaced', () => {
    const spot = fc.constantFrom(...paths(whole));
    const junk = fc.oneof(fc.anything(), fc.integer(), fc.double(), fc.string(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(spot, junk, (path, by) => isExplained(replaceAt(whole, path, by))),
      { numRuns: 2000 },
    );
    assert.deepEqual(messages(whole), []);
  });

  test('on hostile objects', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['providers'] = [cyclic];
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trapped');
        },
      },
    );
    for (const input of [cyclic, trap, { providers: trap }, { providers: [trap] }, Object.create(null)])
      assert.ok(messages(input).length > 0);
    assert.ok(messages(JSON.parse('{"__proto__": {"x": 1}, "providers": []}')).length === 2);
  });
});

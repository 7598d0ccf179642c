import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import type { Links } from '../../../models/link.ts';
import { freeMetrics } from '../../../src/core/routes/active-routes.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import { inRouteOrder } from '../../../src/core/routes/route-order.ts';
import { spellRoute, spellRule } from '../../../src/core/routes/spell.ts';
import { initial, type State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  auto,
  check,
  exampleAddress,
  exampleConfig,
  exampleDefault,
  exampleLink,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  none,
  start,
  warmUp,
} from '../example.ts';

const one = exampleConfig({ providers: [exampleProvider(0)] });

function routes(state: State): string[] {
  return desired(state)?.routes.map((route) => `-${route.family} ${spellRoute(route).join(' ')}`) ?? [];
}

function rules(state: State): string[] {
  return desired(state)?.rules.map((rule) => `-${rule.family} ${spellRule(rule).join(' ')}`) ?? [];
}

/** The defaults of one family in `main`, shortened to device and metric. */
function main(state: State, family = 4): string[] {
  return routes(state)
    .filter((line) => line.startsWith(`-${family}`) && line.includes(' default') && !line.includes(' table '))
    .map((line) =>
      line
        .replace(/^-. /, '')
        .replace(/default via \S+ dev /, '')
        .replace(/ src \S+/, ''),
    )
    .map((line) => line.replace(/ metric /, ' ').replace(' proto 77', ''));
}

function kill(state: State, id: string, after: number): void {
  for (let at = after; at <= after + 1000; at += 50) step(state, check(`${id}/4`, at, failed(), 10));
}

test('desired() wants nothing to be changed before the devices are known', () => {
  assert.equal(desired(initial(one, start)), undefined);
});

test('desired() gives a provider its table, its rules and a default in main', () => {
  const state = exampleState(one);
  assert.deepEqual(routes(state), [
    '-4 10.10.1.0/24 dev eth1 src 10.10.1.1 scope link table 101 proto 77',
    '-4 default via 10.10.1.254 dev eth1 src 10.10.1.1 table 101 proto 77',
    '-4 unreachable default table 101 metric 4294967294 proto 77',
    '-4 default via 10.10.1.254 dev eth1 src 10.10.1.1 metric 100 proto 77',
  ]);
  assert.deepEqual(rules(state), [
    '-4 pref 10770 oif eth1 lookup 101 protocol 77',
    '-4 pref 10771 from 10.10.1.1 to 10.10.1.0/24 lookup 101 protocol 77',
    '-4 pref 10772 from 10.10.1.1 lookup main suppress_prefixlength 0 protocol 77',
    '-4 pref 10773 from 10.10.1.1 lookup 101 protocol 77',
  ]);
});

test('desired() gives IPv6 no source and the rules of its whole network', () => {
  const v6 = exampleProvider(0, {
    addressing: { 4: { ...auto, address: 'none' }, 6: auto },
  });
  const state = exampleState(exampleConfig({ providers: [v6] }));
  assert.deepEqual(routes(state), [
    '-6 2001:db8:1::/64 dev eth1 table 101 metric 1024 proto 77',
    '-6 default via fe80::1 dev eth1 table 101 metric 1024 proto 77',
    '-6 unreachable default table 101 metric 4294967294 proto 77',
    '-6 default via fe80::1 dev eth1 metric 100 proto 77',
  ]);
  assert.deepEqual(rules(state), [
    '-6 pref 10770 oif eth1 lookup 101 protocol 77',
    '-6 pref 10771 from 2001:db8:1::/64 to 2001:db8:1::/64 lookup 101 protocol 77',
    '-6 pref 10772 from 2001:db8:1::/64 lookup main suppress_prefixlength 0 protocol 77',
    '-6 pref 10773 from 2001:db8:1::/64 lookup 101 protocol 77',
  ]);
});

test('desired() writes onlink for a gateway outside the connected network, and no gateway for a tunnel', () => {
  const outside = { ...exampleLinks(1), defaults: [exampleDefault(0, { gateway: '192.0.2.1' })] };
  assert.ok(
    routes(exampleState(one, outside)).every((line) => !line.includes(' via ') || line.includes(' onlink')),
  );
  const addresses = [exampleAddress('10.8.0.2', 32)];
  const tunnel: Links = { links: [exampleLink(0, { pointToPoint: true, addresses })], defaults: [] };
  assert.deepEqual(routes(exampleState(one, tunnel)), [
    '-4 default dev eth1 src 10.8.0.2 scope link table 101 proto 77',
    '-4 unreachable default table 101 metric 4294967294 proto 77',
    '-4 default dev eth1 src 10.8.0.2 scope link metric 100 proto 77',
  ]);
});

test('desired() keeps table, stop and rules of a provider whose address is away, from memory', () => {
  const state = exampleState(one);
  step(state, {
    type: 'links',
    at: start,
    links: { links: [exampleLink(0, { addresses: [] })], defaults: [] },
  });
  assert.deepEqual(routes(state), ['-4 unreachable default table 101 metric 4294967294 proto 77']);
  assert.equal(rules(state).length, 4);
});

test('desired() orders main by the choice: active, then by tier, the dead last', () => {
  const state = warmUp(exampleState());
  assert.deepEqual(main(state), ['eth1 100', 'eth2 101', 'eth3 102']);
  kill(state, 'lte', 7000);
  assert.deepEqual(main(state), ['eth1 100', 'eth3 101', 'eth2 102']);
  step(state, { type: 'sticky', at: start + 8000, sticky: { id: 'lte', until: undefined } });
  assert.deepEqual(main(state), ['eth2 100', 'eth1 101', 'eth3 102']);
});

test('desired() leaves the metric of a pinned provider free while it cannot have a route', () => {
  const state = warmUp(exampleState());
  step(state, { type: 'sticky', at: start + 7000, sticky: { id: 'fibre', until: undefined } });
  const links = { ...exampleLinks(), links: [exampleLink(1), exampleLink(2)] };
  step(state, { type: 'links', at: start + 7000, links });
  assert.deepEqual(main(state), ['eth2 101', 'eth3 102']);
});

test('desired() puts tier null into main only while it is pinned', () => {
  const providers = [exampleProvider(0), exampleProvider(1, { tier: null })];
  const state = exampleState(exampleConfig({ providers }));
  assert.deepEqual(main(state), ['eth1 100']);
  step(state, { type: 'sticky', at: start, sticky: { id: 'lte', until: undefined } });
  assert.deepEqual(main(state), ['eth2 100', 'eth1 101']);
  assert.equal(inRouteOrder(state, 4).length, 2);
});

test("desired() steps over the metrics of other people's defaults in main, of the same family only", () => {
  const links = exampleLinks();
  const taken = [
    exampleDefault(0, { metric: 100 }),
    exampleDefault(1, { metric: 102 }),
    exampleDefault(1, { metric: 101, table: 9 }),
    exampleDefault(2, { metric: 101, family: 6 }),
  ];
  const state = exampleState(exampleConfig(), { ...links, defaults: [...links.defaults, ...taken] });
  assert.deepEqual(main(state), ['eth1 101', 'eth2 103', 'eth3 104']);
  const metrics = freeMetrics(state, 6);
  assert.deepEqual([metrics.next().value, metrics.next().value], [100, 102]);
});

const policies: readonly [Config['allDown'], readonly string[]][] = [
  ['keep', ['eth2 100', 'eth1 101', 'eth3 102']],
  ['first', ['eth1 100', 'eth2 101', 'eth3 102']],
  ['remove', []],
  ['unreachable', ['unreachable default 100']],
];

for (const [allDown, expected] of policies) {
  test(`desired() with allDown '${allDown}' has in main: ${expected.join(', ') || 'nothing'}`, () => {
    const state = warmUp(exampleState(exampleConfig({ allDown })));
    kill(state, 'fibre', 7000);
    kill(state, 'dsl', 9000);
    kill(state, 'lte', 11_000);
    assert.equal(state.allDown[4], true);
    assert.deepEqual(main(state), expected);
    assert.ok(routes(state).filter((line) => line.includes(' table ')).length >= 9, 'own tables stay');
    step(state, check('dsl/4', 13_000));
    assert.equal(main(state)[0], 'eth3 100');
  });
}

test("desired() with allDown 'unreachable' looks for answers' ways back in the own table only, for as long as it lasts", () => {
  const state = warmUp(exampleState(exampleConfig({ allDown: 'unreachable' })));
  const asksMain = (): boolean =>
    rules(state).some((line) => line.startsWith('-4') && line.includes('10772'));
  assert.equal(asksMain(), true);
  kill(state, 'fibre', 7000);
  kill(state, 'dsl', 9000);
  kill(state, 'lte', 11_000);
  assert.equal(asksMain(), false);
  step(state, check('dsl/4', 13_000));
  assert.equal(asksMain(), true);
});

test("desired() with allDown 'unreachable' sends marked checks to the own table only, for as long as it lasts", () => {
  const providers = [0, 1].map((i) =>
    exampleProvider(i, {
      interfaceName: 'eth1',
      addressing: { 4: { ...auto, gateway: `10.10.1.25${i}` }, 6: none },
    }),
  );
  const state = warmUp(exampleState(exampleConfig({ allDown: 'unreachable', providers }), exampleLinks(1)));
  const marked = (): string[] => rules(state).filter((line) => line.includes('fwmark'));
  assert.equal(marked().length, 4);
  kill(state, 'fibre', 7000);
  kill(state, 'lte', 9000);
  assert.deepEqual(marked(), [
    '-4 pref 10775 fwmark 0x1000000/0xff000000 lookup 101 protocol 77',
    '-4 pref 10775 fwmark 0x2000000/0xff000000 lookup 102 protocol 77',
  ]);
  step(state, check('lte/4', 13_000));
  assert.equal(marked().length, 4);
});

for (const allDown of ['remove', 'unreachable', 'keep'] as const)
  test(`desired() with allDown '${allDown}' has a way back for answers to an address that several share`, () => {
    const providers = [0, 1].map((i) =>
      exampleProvider(i, {
        interfaceName: 'eth1',
        addressing: { 4: { ...auto, gateway: `10.10.1.25${i}` }, 6: none },
      }),
    );
    const state = warmUp(exampleState(exampleConfig({ allDown, providers }), exampleLinks(1)));
    const own = (): string[] => rules(state).filter((line) => / from 10\.10\.1\.1 /.test(line));
    assert.deepEqual(own(), []);
    kill(state, 'fibre', 7000);
    kill(state, 'lte', 9000);
    const last = '-4 pref 10773 from 10.10.1.1 lookup 101 protocol 77';
    const first = '-4 pref 10772 from 10.10.1.1 lookup main suppress_prefixlength 0 protocol 77';
    assert.deepEqual(own(), { keep: [], unreachable: [last], remove: [first, last] }[allDown]);
    step(state, check('lte/4', 13_000));
    assert.deepEqual(own(), []);
  });

test('desired() asks once for the rule that two providers with one local address share', () => {
  const links = exampleLinks(2);
  const same = links.links.map((link) => ({ ...link, addresses: [exampleAddress('192.168.1.2', 24)] }));
  const defaults = links.defaults.map((route) => ({ ...route, gateway: '192.168.1.1' }));
  const config = exampleConfig({ providers: [exampleProvider(0), exampleProvider(1)] });
  const lines = rules(exampleState(config, { links: same, defaults }));
  assert.equal(new Set(lines).size, lines.length);
  assert.equal(lines.filter((line) => line.includes('10772')).length, 1);
  assert.equal(lines.filter((line) => line.includes('10773')).length, 2, 'each still has its own table');
});

test('desired() tells providers on one device apart by their addresses', () => {
  const [link, ...others] = exampleLinks(1).links;
  const addresses = ['10.10.1.1', '10.10.1.3'].map((address) => exampleAddress(address, 24));
  const links = { links: [{ ...exampleLink(0), ...link, addresses }, ...others], defaults: [] };
  const providers = ['10.10.1.1', '10.10.1.3'].map((address, i) =>
    exampleProvider(i, {
      interfaceName: 'eth1',
      addressing: { 4: { ...auto, address, gateway: `10.10.1.25${i}` }, 6: none },
    }),
  );
  const bound = rules(exampleState(exampleConfig({ providers }), links)).filter((rule) => / oif /.test(rule));
  assert.deepEqual(bound, [
    '-4 pref 10770 from 10.10.1.1 oif eth1 lookup 101 protocol 77',
    '-4 pref 10770 from 10.10.1.3 oif eth1 lookup 102 protocol 77',
  ]);
});

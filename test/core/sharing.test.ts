import assert from 'node:assert/strict';
import { test } from 'node:test';
import { http, ping, type TestScenario } from '../../models/config.ts';
import type { Links } from '../../models/link.ts';
import { desired } from '../../src/core/desired.ts';
import { spellRule } from '../../src/core/spell.ts';
import type { State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import {
  auto,
  exampleAddress,
  exampleConfig,
  exampleLink,
  exampleProvider,
  exampleState,
  none,
  pathOf,
  start,
} from './example.ts';

const oneDevice: Links = { links: [exampleLink(0)], defaults: [] };

/** Providers on eth1, each with a gateway of its own. */
function sharers(
  gateways: readonly string[],
  testScenarios: readonly TestScenario[] = [ping('1.1.1.1')],
): State {
  const providers = gateways.map((gateway, i) =>
    exampleProvider(i, { interfaceName: 'eth1', addressing: { 4: { ...auto, gateway }, 6: none } }),
  );
  return exampleState(exampleConfig({ providers, testScenarios }), oneDevice);
}

function rules(state: State): string[] {
  return desired(state)?.rules.map((rule) => spellRule(rule).join(' ')) ?? [];
}

function tables(state: State): number[] {
  return [...new Set(desired(state)?.routes.map(({ table }) => table))];
}

test('markFor() tells providers with one device and address apart when they ask beyond their gateways', () => {
  const state = sharers(['10.10.1.254', '10.10.1.253']);
  assert.equal(pathOf(state, 'fibre').binding?.mark, 0x01000000);
  assert.equal(pathOf(state, 'lte').binding?.mark, 0x02000000);
  assert.equal(pathOf(state, 'lte').obstacle, undefined);
  const marked = rules(state).filter((rule) => rule.includes('fwmark'));
  assert.ok(
    marked.some((rule) => /fwmark 0x1000000\/0xff000000 lookup 101 /.test(rule)),
    marked.join('\n'),
  );
  assert.ok(
    marked.some((rule) => /fwmark 0x2000000\/0xff000000 lookup 102 /.test(rule)),
    marked.join('\n'),
  );
  assert.ok(!rules(state).some((rule) => / from | oif /.test(rule)), 'nothing else tells them apart');
  assert.deepEqual(tables(state), [101, 102, 254]);
});

test('markFor() marks nothing that is sent to the gateway itself, and no table is made for it', () => {
  const state = sharers(['10.10.1.254', '10.10.1.253'], [http('http://gateway:9999/'), ping('gateway')]);
  assert.equal(pathOf(state, 'lte').binding?.mark, undefined);
  assert.deepEqual(rules(state), []);
  assert.deepEqual(tables(state), [254]);
});

test('markFor() marks nothing of a provider that has its address for itself', () => {
  const two = exampleLink(0, {
    addresses: [exampleAddress('10.10.1.1', 24), exampleAddress('10.10.1.3', 24)],
  });
  const providers = ['10.10.1.1', '10.10.1.3'].map((address, i) =>
    exampleProvider(i, {
      interfaceName: 'eth1',
      addressing: { 4: { ...auto, address, gateway: `10.10.1.25${i}` }, 6: none },
    }),
  );
  const state = exampleState(exampleConfig({ providers }), { links: [two], defaults: [] });
  assert.equal(pathOf(state, 'lte').binding?.mark, undefined);
  assert.ok(rules(state).some((rule) => rule.includes('from 10.10.1.3 oif eth1 lookup 102')));
});

test('sameWays() is in the way of a second provider with the same device, address and gateway', () => {
  const state = sharers(['10.10.1.254', '10.10.1.254']);
  assert.equal(pathOf(state, 'fibre').obstacle, undefined);
  assert.equal(
    pathOf(state, 'lte').obstacle,
    '10.10.1.1 on eth1 through 10.10.1.254 is also the way of fibre: give one of them another gateway or address',
  );
});

test('bindAll() marks the first provider too once a second one gets its address', () => {
  const providers = [
    exampleProvider(0, {
      addressing: { 4: { ...auto, address: '10.10.1.1', gateway: '10.10.1.254' }, 6: none },
    }),
    exampleProvider(1, {
      interfaceName: 'eth1',
      addressing: { 4: { ...auto, gateway: '10.10.1.253' }, 6: none },
    }),
  ];
  const before = exampleLink(0, {
    addresses: [exampleAddress('10.10.1.3', 24), exampleAddress('10.10.1.1', 24)],
  });
  const state = exampleState(exampleConfig({ providers }), { links: [before], defaults: [] });
  assert.equal(pathOf(state, 'fibre').binding?.mark, undefined);
  step(state, { type: 'links', at: start + 1000, links: oneDevice });
  assert.equal(pathOf(state, 'fibre').binding?.mark, 0x01000000);
  assert.equal(pathOf(state, 'lte').binding?.mark, 0x02000000);
});

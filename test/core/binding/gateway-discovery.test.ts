import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Links, Neighbour } from '../../../models/link.ts';
import type { TestResult } from '../../../models/test-result.ts';
import { candidates } from '../../../src/core/binding/gateway-discovery.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import { nextCheck } from '../../../src/core/schedule/next-check.ts';
import { memoryOf } from '../../../src/core/state/memory-of.ts';
import { initial, type State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  auto,
  check,
  exampleConfig,
  exampleDefault,
  exampleLink,
  exampleProvider,
  failed,
  none,
  passed,
  pathOf,
  start,
} from '../example.ts';

const config = exampleConfig({
  providers: [
    exampleProvider(0, { addressing: { 4: { ...auto, gateway: 'discover' }, 6: none } }),
    exampleProvider(1),
  ],
});

function neighbour(address: string, router = false): Neighbour {
  return { family: address.includes(':') ? 6 : 4, interfaceName: 'eth1', address, router };
}

function links(...neighbours: readonly Neighbour[]): Links {
  return { links: [exampleLink(0), exampleLink(1)], defaults: [exampleDefault(1)], neighbours };
}

const three = links(neighbour('10.10.1.20'), neighbour('10.10.1.253'), neighbour('10.10.1.254'));

function began(present: Links, memory?: ReturnType<typeof memoryOf>): State {
  const state = initial(config, start, memory);
  step(state, { type: 'links', at: start, links: present });
  return state;
}

function gateway(state: State): string | undefined {
  return pathOf(state, 'fibre').binding?.gateway;
}

/** One check after the other, each with the result that its gateway gives. Returns the gateways that were tried. */
function play(state: State, count: number, result: (gateway: string) => TestResult, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => {
    const tried = gateway(state) ?? '';
    step(state, check('fibre/4', from + 1000 * (i + 1), result(tried)));
    return tried;
  });
}

function only(working: string): (gateway: string) => TestResult {
  return (tried) => (tried === working ? passed() : failed());
}

test('noteSearch() tries one neighbour after the other until one passes, and keeps it', () => {
  const state = began(three);
  assert.deepEqual(play(state, 5, only('10.10.1.254')), [
    '10.10.1.20',
    '10.10.1.253',
    '10.10.1.254',
    '10.10.1.254',
    '10.10.1.254',
  ]);
  assert.equal(pathOf(state, 'fibre').search.proven, '10.10.1.254');
});

test('noteSearch() keeps what works through a failure, and tries others in turn with it once nothing gets through', () => {
  const state = began(three);
  play(state, 10, only('10.10.1.253'));
  assert.deepEqual(
    play(state, 1, () => failed(), 20_000),
    ['10.10.1.253'],
  );
  assert.equal(gateway(state), '10.10.1.253', 'in doubt, not down');
  const tried = play(state, 7, () => failed(), 21_000);
  assert.deepEqual(tried.slice(-5), [
    '10.10.1.20',
    '10.10.1.253',
    '10.10.1.254',
    '10.10.1.253',
    '10.10.1.20',
  ]);
  play(state, 2, only('10.10.1.253'), 40_000);
  assert.equal(gateway(state), '10.10.1.253');
});

test('noteSearch() does not go on for a check that could not be made', () => {
  const state = began(three);
  play(state, 3, () => ({ ok: false, code: 'not-run', reason: 'no such device' }));
  assert.equal(gateway(state), '10.10.1.20');
});

test('proven() sends no traffic through a candidate that has not passed', () => {
  const state = began(three);
  const defaults = () =>
    desired(state)?.routes.filter(
      ({ table, dev, dst }) => table === 254 && dev === 'eth1' && dst === 'default',
    );
  assert.deepEqual(defaults(), []);
  play(state, 2, only('10.10.1.253'));
  assert.deepEqual(
    defaults()?.map((route) => route.gateway),
    ['10.10.1.253'],
  );
  while (gateway(state) === '10.10.1.253') play(state, 1, () => failed(), 30_000 + state.at - start);
  assert.deepEqual(
    defaults()?.map((route) => route.gateway),
    ['10.10.1.253'],
  );
  const own = desired(state)?.routes.find(({ table, dst }) => table === 101 && dst === 'default');
  assert.equal(own?.gateway, gateway(state), 'its own table is what the check goes by');
});

test('candidates() leaves out the gateway that another provider of the device has', () => {
  const known = exampleProvider(1, {
    interfaceName: 'eth1',
    addressing: { 4: { ...auto, gateway: '10.10.1.254' }, 6: none },
  });
  const [sought = known] = config.providers;
  for (const providers of [
    [sought, known],
    [known, sought],
  ]) {
    const state = initial(exampleConfig({ providers }), start);
    const told = exampleDefault(0); // through 10.10.1.254
    step(state, { type: 'links', at: start, links: { ...three, defaults: [told] } });
    assert.deepEqual(play(state, 3, only('10.10.1.253')), ['10.10.1.20', '10.10.1.253', '10.10.1.253']);
    assert.equal(pathOf(state, 'lte').obstacle, undefined);
  }
});

test('candidates() begins with whom default routes name, then routers, and leaves other devices out', () => {
  const state = began(three);
  const present = {
    ...links(neighbour('10.10.1.9'), neighbour('10.10.1.30', true), {
      ...neighbour('10.10.2.1'),
      interfaceName: 'eth2',
    }),
    defaults: [exampleDefault(0, { gateway: '10.10.1.77' })],
  };
  assert.deepEqual(candidates(pathOf(state, 'fibre'), present, state.paths), [
    '10.10.1.77',
    '10.10.1.30',
    '10.10.1.9',
  ]);
});

test('a candidate is checked once the kernel had time to get its routes', () => {
  const state = began(three);
  play(state, 1, () => failed());
  const plan = nextCheck(state, pathOf(state, 'fibre'));
  assert.ok(plan !== undefined && plan.at >= state.at + 50 && plan.burst);
});

test('a device without neighbours waits for one', () => {
  const state = began(links());
  assert.equal(pathOf(state, 'fibre').obstacle, 'no IPv4 gateway is known for eth1');
  step(state, { type: 'links', at: start + 1000, links: three });
  assert.equal(gateway(state), '10.10.1.20');
});

test('memoryOf() remembers the gateway that passed last, not one being tried', () => {
  const state = began(three);
  play(state, 8, only('10.10.1.254'));
  while (gateway(state) === '10.10.1.254') play(state, 1, () => failed(), 30_000 + state.at - start);
  const next = began(three, memoryOf(state));
  assert.equal(gateway(next), '10.10.1.254');
});

const both = exampleConfig({
  providers: [0, 1].map((index) =>
    exampleProvider(index, {
      interfaceName: 'eth1',
      addressing: { 4: { ...auto, gateway: 'discover' }, 6: none },
    }),
  ),
});

/** Two that seek on one device, checked in turn; at no time do both have one gateway. */
function playBoth(state: State, rounds: number, works: (gateway: string) => boolean): void {
  for (let i = 1; i <= rounds; i += 1) {
    for (const id of ['fibre', 'lte']) {
      const { binding, key } = pathOf(state, id);
      const at = state.at - start + 1000;
      if (binding?.gateway !== undefined)
        step(state, check(key, at, works(binding.gateway) ? passed() : failed()));
      assert.notEqual(pathOf(state, 'fibre').binding?.gateway ?? '-', pathOf(state, 'lte').binding?.gateway);
    }
  }
}

function seeking(present: Links, memory?: ReturnType<typeof memoryOf>): State {
  const state = initial(both, start, memory);
  step(state, { type: 'links', at: start, links: present });
  return state;
}

test('two that seek on one device settle on gateways of their own', () => {
  const works = (gateway: string): boolean => gateway !== '10.10.1.20';
  const state = seeking(three);
  playBoth(state, 10, works);
  const found = () => ['fibre', 'lte'].map((id) => pathOf(state, id).search.proven).sort();
  assert.deepEqual(found(), ['10.10.1.253', '10.10.1.254']);
  for (const id of ['fibre', 'lte']) assert.equal(pathOf(state, id).obstacle, undefined);
  playBoth(state, 40, () => false); // all are down, and each goes on seeking
  playBoth(state, 20, works);
  assert.deepEqual(found(), ['10.10.1.253', '10.10.1.254']);
});

test('two that remember one gateway do not both take it, and the other one seeks', () => {
  const alone = seeking(three);
  playBoth(alone, 10, (gateway) => gateway === '10.10.1.254');
  const memory = memoryOf(alone);
  const paths = memory.paths.map((path) => ({
    ...path,
    remembered: { address: '10.10.1.1', network: '10.10.1.0/24', gateway: '10.10.1.254' },
  }));
  const state = seeking(three, { ...memory, paths });
  assert.equal(gateway(state), '10.10.1.254');
  playBoth(state, 40, (each) => each === '10.10.1.254' || each === '10.10.1.253');
  assert.deepEqual(
    ['fibre', 'lte'].map((id) => pathOf(state, id).search.proven),
    ['10.10.1.254', '10.10.1.253'],
  );
});

test('one of two that seek is without a gateway where there is one only', () => {
  const state = seeking(links(neighbour('10.10.1.254')));
  playBoth(state, 5, () => true);
  assert.equal(pathOf(state, 'fibre').search.proven, '10.10.1.254');
  assert.equal(pathOf(state, 'lte').obstacle, 'no IPv4 gateway is known for eth1');
});

test('two that seek on one device have a way back for the answers to their checks before either has found one', () => {
  const back = (state: State): boolean =>
    desired(state)?.rules.some(({ from, table }) => from === '10.10.1.1' && table === 101) === true;
  const state = seeking(three);
  assert.equal(back(state), true);
  playBoth(state, 10, (gateway) => gateway !== '10.10.1.20');
  assert.equal(back(state), false, 'the default route is one');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../models/decision.ts';
import type { Links } from '../../../models/link.ts';
import type { Memory } from '../../../src/core/state/memory.ts';
import { memoryOf } from '../../../src/core/state/memory-of.ts';
import { initial, type PathState, type State } from '../../../src/core/state/state.ts';
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
  pathOf,
  start,
  warmUp,
} from '../example.ts';

/** The devices, with other addresses on eth1, and another default through it if one is given. */
function links(addresses: readonly ReturnType<typeof exampleAddress>[], gateway?: string): Links {
  const { links, defaults } = exampleLinks();
  const own = gateway === undefined ? defaults[0] : exampleDefault(0, { gateway });
  return {
    links: [exampleLink(0, { addresses }), ...links.slice(1)],
    defaults: own === undefined ? defaults : [own, ...defaults.slice(1)],
  };
}

function take(state: State, at: number, what: Links): readonly Decision[] {
  return step(state, { type: 'links', at: start + at, links: what }).decisions;
}

const said = (decisions: readonly Decision[]): string[] =>
  decisions.map(({ sentence, reason }) => `${sentence}: ${reason}`);

const fresh = ({ health, liveness, window, penalty, consecutiveSucceeded }: PathState) => ({
  ...{ health, liveness, samples: window.samples, penalty, consecutiveSucceeded },
});

const unknown = { health: 'unknown', liveness: 'unknown', samples: 0, penalty: 0, consecutiveSucceeded: 0 };

test('a path with another address is judged from the start, keeps the traffic, and is soon trusted again', () => {
  const state = warmUp(exampleState());
  const decisions = take(state, 6000, links([exampleAddress('10.10.1.7', 24)]));
  assert.deepEqual(said(decisions), [
    'fibre (IPv4) is judged from the start: it is bound to 10.10.1.7 through 10.10.1.254 now, it was bound to 10.10.1.1 through 10.10.1.254',
  ]);
  assert.deepEqual(fresh(pathOf(state, 'fibre')), unknown);
  for (let i = 0; i < 5; i += 1) step(state, check('fibre/4', 6010 + i * 50, undefined, 10));
  assert.equal(pathOf(state, 'fibre').health, 'reliable');
  assert.deepEqual(state.active[4], ['fibre'], 'no failover by itself');
});

test('one that does not pass with it loses the traffic after two checks', () => {
  const state = warmUp(exampleState());
  take(state, 6000, links([exampleAddress('10.10.1.7', 24)]));
  for (const at of [6010, 6060]) step(state, check('fibre/4', at, failed(), 10));
  assert.deepEqual(state.active[4], ['lte']);
});

test('the address that it had before an instant without any is the same line, another one is not', () => {
  const without = links([]);
  for (const [address, samples] of [
    ['10.10.1.1', 6],
    ['10.10.1.7', 0],
  ] as const) {
    const state = warmUp(exampleState());
    take(state, 6000, without);
    assert.deepEqual(state.active[4], ['lte']);
    take(state, 6029, links([exampleAddress(address, 24)]));
    assert.equal(pathOf(state, 'fibre').window.samples, samples, address);
    for (let i = 0; i < 5; i += 1) step(state, check('fibre/4', 6040 + i * 50, undefined, 10));
    assert.equal(pathOf(state, 'fibre').health, 'reliable', address);
  }
});

test('a path with another gateway is judged from the start, whether found or configured', () => {
  const found = warmUp(exampleState());
  for (let at = 6000; at <= 7000; at += 50) step(found, check('fibre/4', at, failed(), 10));
  take(found, 8000, links([exampleAddress('10.10.1.1', 24)], '10.10.1.253'));
  assert.deepEqual(fresh(pathOf(found, 'fibre')), unknown);

  const wrong = exampleProvider(0, { addressing: { 4: { ...auto, gateway: '10.10.1.9' }, 6: none } });
  const others = [exampleProvider(1), exampleProvider(2)];
  const configured = exampleState(exampleConfig({ providers: [wrong, ...others] }));
  for (let at = 0; at < 60_000; at += 1000) step(configured, check('fibre/4', at, failed(), 10));
  assert.equal(pathOf(configured, 'fibre').health, 'unreliable');
  step(configured, { type: 'config', at: start + 61_000, config: exampleConfig() });
  assert.deepEqual(fresh(pathOf(configured, 'fibre')), unknown);
  for (let at = 62_000; at <= 66_000; at += 1000) step(configured, check('fibre/4', at));
  assert.equal(pathOf(configured, 'fibre').health, 'reliable');
});

test('another IPv6 address of the same network is the same line, one of another network is not', () => {
  const both = exampleProvider(0, { addressing: { 4: auto, 6: auto } });
  const later = (address: string) => links([exampleAddress('10.10.1.1', 24), exampleAddress(address, 64)]);
  for (const [address, samples] of [
    ['2001:db8:1::abcd', 6],
    ['2001:db8:77::1', 0],
  ] as const) {
    const state = warmUp(exampleState(exampleConfig({ providers: [both, exampleProvider(1)] })));
    take(state, 6000, later(address));
    const path = pathOf(state, 'fibre', 6);
    assert.equal(path.binding?.address, address);
    assert.equal(path.window.samples, samples, address);
  }
});

test('a lifetime that is extended, another metric and another device number change nothing of it', () => {
  const state = warmUp(exampleState());
  const { links: devices, defaults } = exampleLinks();
  const again = devices.map((device, i) => (i === 0 ? { ...device, index: 99 } : device));
  const cheaper = defaults.map((route, i) => (i === 0 ? { ...route, metric: 50 } : route));
  assert.deepEqual(take(state, 6000, { links: again, defaults: cheaper }), []);
  assert.equal(pathOf(state, 'fibre').window.samples, 6);
});

/** The next run, with what this one leaves behind, and perhaps other settings and addresses. */
function restart(state: State, what: Links, config = state.config): { next: State; said: string[] } {
  const memory: Memory = JSON.parse(JSON.stringify(memoryOf(state)));
  const next = initial(config, state.at + 1000, memory);
  return { next, said: said(step(next, { type: 'links', at: state.at + 1000, links: what }).decisions) };
}

test('a verdict about an address outlives neither a restart nor the setting that asked for it', () => {
  const pinned = exampleProvider(0, { addressing: { 4: { ...auto, address: '10.10.1.1' }, 6: none } });
  const others = [exampleProvider(1), exampleProvider(2)];
  const state = warmUp(exampleState(exampleConfig({ providers: [pinned, ...others] })));
  const moved = links([exampleAddress('10.10.1.7', 24)]);
  take(state, 7000, moved);
  assert.equal(pathOf(state, 'fibre').why().reason, 'address 10.10.1.1 is gone from eth1');
  state.active = { ...state.active, 4: ['fibre'] };
  const { next, said } = restart(state, moved, exampleConfig());
  assert.deepEqual(fresh(pathOf(next, 'fibre')), unknown);
  assert.deepEqual(next.active[4], ['fibre'], said.join('\n'));
});

test('a restart with the same address forgets nothing, with one changed meanwhile everything', () => {
  const state = warmUp(exampleState());
  assert.equal(pathOf(restart(state, exampleLinks()).next, 'fibre').health, 'reliable');
  const { next } = restart(state, links([exampleAddress('10.10.1.7', 24)]));
  assert.deepEqual(fresh(pathOf(next, 'fibre')), unknown);
  assert.deepEqual(next.active[4], ['fibre']);
});

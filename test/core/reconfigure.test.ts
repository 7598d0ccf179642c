import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Config, ping } from '../../models/config.ts';
import type { Decision } from '../../models/decision.ts';
import { desired } from '../../src/core/routes/desired.ts';
import { diff } from '../../src/core/routes/diff.ts';
import type { State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import {
  auto,
  check,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  none,
  passed,
  pathOf,
  start,
  warmUp,
} from './example.ts';

function reload(state: State, config: Config, after = 7000): readonly Decision[] {
  return step(state, { type: 'config', at: start + after, config }).decisions;
}

function kinds(decisions: readonly Decision[]): string[] {
  return decisions.map(({ kind }) => kind);
}

test('reconfigure() keeps windows, verdicts and the choice', () => {
  const state = warmUp(exampleState());
  const before = pathOf(state, 'fibre').window.toSamples();
  assert.deepEqual(kinds(reload(state, exampleConfig({ startMetric: 500 }))), ['config']);
  assert.deepEqual(state.active[4], ['fibre']);
  assert.equal(pathOf(state, 'fibre').health, 'reliable');
  assert.deepEqual(pathOf(state, 'fibre').window.toSamples(), before);
  assert.equal(state.config.startMetric, 500);
});

test('reconfigure() resizes windows and keeps the newest samples', () => {
  const state = warmUp(exampleState());
  reload(state, exampleConfig({ maxStoredTestResultCount: 3 }));
  assert.deepEqual(
    pathOf(state, 'fibre')
      .window.toSamples()
      .map(({ startedAt }) => startedAt - start),
    [3000, 4000, 5000],
  );
  reload(state, exampleConfig({ maxStoredTestResultCount: 80 }));
  assert.equal(pathOf(state, 'fibre').window.capacity, 80);
  assert.equal(pathOf(state, 'fibre').window.samples, 3);
});

test('reconfigure() moves the traffic off a provider that is removed or disabled', () => {
  for (const providers of [
    [exampleProvider(1), exampleProvider(2)],
    [exampleProvider(0, { enabled: false }), exampleProvider(1), exampleProvider(2)],
  ]) {
    const state = warmUp(exampleState());
    assert.ok(kinds(reload(state, exampleConfig({ providers }))).includes('switch'));
    assert.deepEqual(state.active[4], ['lte']);
    assert.equal(state.paths.get('fibre/4')?.binding, undefined);
  }
});

test('reconfigure() starts anew for a provider that moves to another device', () => {
  const state = warmUp(exampleState());
  reload(
    state,
    exampleConfig({ providers: [exampleProvider(0, { interfaceName: 'eth3' }), exampleProvider(1)] }),
  );
  assert.equal(pathOf(state, 'fibre').health, 'unknown');
  assert.equal(pathOf(state, 'fibre').window.samples, 0);
  assert.equal(pathOf(state, 'lte').health, 'reliable');
});

test('reconfigure() judges by the new limits at once', () => {
  const state = warmUp(exampleState());
  const decisions = reload(state, exampleConfig({ rtt: { down: 5, up: 4 } }));
  assert.deepEqual(kinds(decisions), ['config', 'health', 'health', 'health']);
  assert.equal(pathOf(state, 'fibre').why().reason, 'rtt is 10 ms (limit 5 ms)');
});

test('reconfigure() lets the order of a new list count, by the rules of failback', () => {
  const state = warmUp(exampleState());
  const providers = [exampleProvider(1, { tier: 0 }), exampleProvider(0, { tier: 1 })];
  reload(state, exampleConfig({ providers }), 7000);
  assert.deepEqual(state.active[4], ['fibre'], 'lte has been reliable for less than failbackDelay');
  step(state, { type: 'tick', at: start + 60_000 });
  assert.deepEqual(state.active[4], ['fibre'], 'nobody has looked since');
  step(state, check('lte/4', 60_000));
  step(state, { type: 'tick', at: start + 60_500 });
  assert.deepEqual(state.active[4], ['lte']);
});

test('reconfigure() adds providers that are new, unjudged', () => {
  const state = warmUp(exampleState(exampleConfig({ providers: [exampleProvider(0)] }), exampleLinks()));
  reload(
    state,
    exampleConfig({ providers: [exampleProvider(1, { tier: 0 }), exampleProvider(0, { tier: 1 })] }),
  );
  assert.deepEqual(state.active[4], ['fibre']);
  assert.equal(pathOf(state, 'lte').health, 'unknown');
  assert.notEqual(pathOf(state, 'lte').binding, undefined);
  assert.equal(state.paths.size, 4);
});

test('reconfigure() takes a provider with another id for the same one: nothing moves, nothing is forgotten', () => {
  const state = warmUp(exampleState());
  const targets = [
    { target: 'ping 1.1.1.1', result: failed() },
    { target: 'ping 8.8.8.8', result: passed() },
  ];
  step(state, { ...check('fibre/4', 6000), targets });
  const before = { ...pathOf(state, 'fibre') };
  const own = desired(state);
  const providers = [exampleProvider(0, { id: 'glass' }), exampleProvider(1), exampleProvider(2)];
  assert.deepEqual(kinds(reload(state, exampleConfig({ providers }))), ['config']);
  assert.deepEqual([state.active[4], state.newTraffic[4]], [['glass'], ['glass']]);
  const { key, provider, uneventful, ...kept } = pathOf(state, 'glass');
  assert.deepEqual(kept, { ...kept, health: before.health, since: before.since, window: before.window });
  assert.deepEqual([key, provider.id, state.paths.has('fibre/4')], ['glass/4', 'glass', false]);
  assert.deepEqual(step(state, check('glass/4', 8000)).effects.checks, ['glass/4']);
  assert.equal(state.targets[4].get('ping 1.1.1.1')?.failures.get('glass/4'), 1);
  const after = desired(state);
  assert.deepEqual(own && after && diff(after, own), []);
});

test('reconfigure() has a provider on another device, or with another gateway, begin without a past', () => {
  for (const changes of [
    { interfaceName: 'eth9' },
    { addressing: { 4: { ...auto, gateway: '10.10.1.9' }, 6: none } },
  ]) {
    const state = warmUp(exampleState());
    const providers = [
      exampleProvider(0, { id: 'glass', ...changes }),
      exampleProvider(1),
      exampleProvider(2),
    ];
    reload(state, exampleConfig({ providers }));
    assert.deepEqual(state.active[4], ['lte']);
    assert.equal(pathOf(state, 'glass').window.samples, 0);
  }
});

test('reconfigure() forgets targets that nobody asks any more, dead ones too', () => {
  const state = exampleState();
  const targets = [
    { target: 'ping 1.1.1.1', result: { ok: false, code: 'no-answer', reason: 'no answer' } as const },
    { target: 'ping 8.8.8.8', result: { ok: true, rttMs: 10 } as const },
  ];
  for (let i = 0; i < 3; i += 1)
    for (const id of ['fibre', 'lte', 'dsl']) step(state, { ...check(`${id}/4`, i * 1000), targets });
  assert.deepEqual([...state.deadTargets[4]], ['ping 1.1.1.1']);
  const { providers } = state.config;
  reload(state, exampleConfig({ providers: providers.slice(1), testScenarios: [ping('8.8.8.8')] }));
  assert.deepEqual([...state.deadTargets[4]], []);
  assert.deepEqual(
    [...state.targets[4].values()].map(({ target, failures }) => [target, [...failures.keys()]]),
    [['ping 8.8.8.8', ['lte/4', 'dsl/4']]],
  );
});

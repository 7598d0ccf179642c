import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PathSnapshot } from '../../../models/snapshot.ts';
import { snapshot } from '../../../src/core/report/snapshot.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { check, exampleConfig, exampleProvider, exampleState, failed, start, warmUp } from '../example.ts';

function fibre(state: State): PathSnapshot | undefined {
  return snapshot(state).paths.find(({ path }) => path === 'fibre/4');
}

test('snapshot() shows the flap penalty of short outages as it decays, and says so while it counts', () => {
  const state = warmUp(exampleState());
  assert.equal(fibre(state)?.penalty, undefined);
  assert.deepEqual(fibre(state)?.remarks, []);
  let after = 6000;
  const outage = (): void => {
    for (let i = 0; i < 12; i += 1) step(state, check('fibre/4', after + i * 50, failed(), 40));
    for (let i = 0; i < 4; i += 1) step(state, check('fibre/4', after + 650 + i * 50));
    after += 900;
  };
  for (let i = 0; i < 3; i += 1) outage();
  const high = fibre(state)?.penalty ?? 0;
  assert.ok(high >= 1, `${high} after three outages of more than half of minOutage`);
  assert.match(
    fibre(state)?.remarks.join() ?? '',
    /flapping: penalty \d\.\d \(kept back above 1\.8, back below 1\.0\)/,
  );
  for (let later = after; later < after + 30_000; later += 1000) step(state, check('fibre/4', later));
  assert.ok((fibre(state)?.penalty ?? 0) < high / 4);
  assert.deepEqual(fibre(state)?.remarks, []);
});

test('snapshot() says how long a provider must still wait for its traffic, and why', () => {
  const state = warmUp(exampleState());
  assert.equal(fibre(state)?.failback, undefined, 'it carries the traffic');
  const outage = (from: number): void => {
    for (let i = 0; i < 20; i += 1) step(state, check('fibre/4', from + i * 100, failed()));
  };
  outage(6000);
  assert.deepEqual(fibre(state)?.failback, { delayMs: 10_000, failovers: 1 });
  const heal = (from: number, seconds: number): void => {
    for (let i = 0; i < seconds; i += 1) step(state, check('fibre/4', from + i * 1000));
    step(state, { type: 'tick', at: start + from + seconds * 1000 });
  };
  heal(8000, 20);
  assert.deepEqual(state.active[4], ['fibre']);
  outage(30_000);
  heal(32_000, 7);
  const { since = 0, failback } = fibre(state) ?? {};
  assert.deepEqual(failback, { delayMs: 20_000, failovers: 2, dueAt: since + 20_000 });
  const waits = (id: string): unknown =>
    snapshot(state).paths.find(({ path }) => path === `${id}/4`)?.failback;
  assert.deepEqual([waits('lte'), waits('dsl')], [undefined, undefined]);
  step(state, { type: 'sticky', at: start + 40_000, sticky: { id: 'lte', until: undefined } });
  assert.equal(fibre(state)?.failback, undefined, 'what is pinned is waited for by nothing');
});

test('snapshot() shows that a member of a tier that failed waits before it shares again', () => {
  const providers = [0, 1].map((i) => exampleProvider(i, { tier: 0 }));
  const state = warmUp(exampleState(exampleConfig({ providers })));
  for (let i = 0; i < 20; i += 1) step(state, check('fibre/4', 6000 + i * 100, failed()));
  for (let i = 0; i < 7; i += 1) step(state, check('fibre/4', 8000 + i * 1000));
  assert.deepEqual(state.active[4], ['lte']);
  const { since = 0, failback } = fibre(state) ?? {};
  assert.deepEqual(failback, { delayMs: 10_000, failovers: 1, dueAt: since + 10_000 });
});

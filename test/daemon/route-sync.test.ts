import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelRoutes } from '../../models/route.ts';
import type { Departure, Effects } from '../../src/core/effects.ts';
import { desired } from '../../src/core/routes/desired.ts';
import { initial, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import { now } from '../../src/daemon/clock.ts';
import { RouteSync } from '../../src/daemon/route-sync.ts';
import { exampleConfig, exampleState, start } from '../core/example.ts';

/** A sync whose kernel is a list of what was applied; applying takes `tookMs` of this process. */
function recording(tookMs = 0) {
  const applied: KernelRoutes[] = [];
  const followed: (readonly Departure[])[] = [];
  const sync = new RouteSync({
    reconciler: {
      apply: (routes) => {
        for (const end = performance.now() + tookMs; performance.now() < end; );
        applied.push(routes);
        return Promise.resolve();
      },
    },
    connections: { follow: (_state, _routed, left) => followed.push(left) },
  });
  return { sync, applied, followed };
}

const left: Departure = { id: 'fibre', family: 4, why: 'failed', dueAt: start };
const effects = (routes: Effects['routes'], departures: readonly Departure[] = []) => ({
  routes,
  departures,
});

test('update() applies what the state wants now, then has the connections follow', () => {
  const { sync, applied, followed } = recording();
  const state = exampleState();
  sync.update(state, effects('now', [left]));
  assert.deepEqual(applied, [desired(state)]);
  assert.deepEqual(followed, [[left]]);
  step(state, { type: 'sticky', at: start + 1, sticky: { id: 'lte', until: undefined } });
  sync.update(state, effects('now'));
  assert.deepEqual(applied.at(-1), desired(state));
  assert.deepEqual(followed, [[left], []], 'each departure once');
});

test('update() leaves the kernel alone when nothing is to follow, or the devices were not read yet', () => {
  const { sync, applied, followed } = recording();
  sync.update(exampleState(), effects('none'));
  const unread: State = initial(exampleConfig(), start);
  sync.update(unread, effects('now'));
  assert.deepEqual([applied, followed], [[], []]);
});

test('update() applies once for many that may wait, with all that left meanwhile', async () => {
  const { sync, applied, followed } = recording(10);
  const state = exampleState();
  sync.update(state, effects('now'));
  for (let i = 0; i < 20; i += 1) sync.update(state, effects('soon', [{ ...left, dueAt: start + i }]));
  assert.equal(applied.length, 1, 'a tenth of the time is over for now');
  for (const deadline = now() + 5000; applied.length < 2 && now() < deadline; )
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(applied.length, 2);
  assert.equal(followed[1]?.length, 20);
});

test('close() drops what was to be applied soon', async () => {
  const { sync, applied } = recording(5);
  sync.update(exampleState(), effects('now'));
  sync.update(exampleState(), effects('soon'));
  sync.close();
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(applied.length, 1);
});

test('applyIfDue() applies every 10 s, whatever was missed', () => {
  const { sync, applied } = recording();
  sync.update(exampleState(), effects('now'));
  const at = now();
  sync.applyIfDue(at + 9000);
  assert.equal(applied.length, 1);
  sync.applyIfDue(at + 10_000);
  assert.equal(applied.length, 2);
});

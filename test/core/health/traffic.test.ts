import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrafficEvent } from '../../../models/event.ts';
import { outageMs } from '../../../src/core/health/liveness.ts';
import { nextCheck } from '../../../src/core/schedule/next-check.ts';
import type { State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  auto,
  check,
  exampleConfig,
  exampleProvider,
  exampleState,
  failed,
  passed,
  pathOf,
  start,
  warmUp,
} from '../example.ts';

const providers = [0, 1].map((index) => exampleProvider(index, { addressing: { 4: auto, 6: auto } }));

/** Both providers reliable in both families, checked last at 5 s. */
function calm(): State {
  return warmUp(exampleState(exampleConfig({ providers })));
}

/** Silence that is noticed then, ms after the start; without `since`, its end. */
function traffic(at: number, since?: number, device = 'eth1'): TrafficEvent {
  return {
    type: 'traffic',
    at: start + at,
    device,
    silentSince: since === undefined ? undefined : start + since,
  };
}

function nextStart(state: State, id = 'fibre', family: 4 | 6 = 4): number {
  return (nextCheck(state, pathOf(state, id, family))?.at ?? Number.NaN) - start;
}

test('silence makes a check of both families of the device due at once, with one packet, and moves nothing', () => {
  const state = calm();
  const usual = nextStart(state, 'lte');
  const { decisions, effects } = step(state, traffic(5500, 5420));
  assert.deepEqual(decisions, []);
  assert.deepEqual(effects, { routes: 'none', checks: ['fibre/4', 'fibre/6'], departures: [] });
  for (const family of [4, 6] as const) assert.equal(nextStart(state, 'fibre', family), 5500);
  assert.equal(nextCheck(state, pathOf(state, 'fibre'))?.burst, false);
  assert.equal(nextStart(state, 'lte'), usual);
  assert.equal(pathOf(state, 'fibre').liveness, 'up');
});

test('silence of a device that carries nothing, or is unknown, concerns no path', () => {
  const state = calm();
  assert.deepEqual(step(state, traffic(5500, 5420, 'eth2')).effects.checks, []);
  assert.deepEqual(step(state, traffic(5500, 5420, 'eth9')).effects.checks, []);
});

test('a check that passes ends the matter', () => {
  const state = calm();
  step(state, traffic(5500, 5420));
  step(state, check('fibre/4', 5500));
  assert.ok(nextStart(state) > 6300);
  step(state, check('fibre/4', 6500, failed()));
  step(state, check('fibre/4', 6600, failed()));
  assert.equal(outageMs(pathOf(state, 'fibre')), 100, 'the silence was another matter');
});

test('the outage begins with the silence, and minOutage is over that much sooner', () => {
  const state = calm();
  step(state, traffic(5500, 5420));
  for (const at of [5500, 5650, 5700]) step(state, check('fibre/4', at, failed()));
  const path = pathOf(state, 'fibre');
  assert.equal(path.liveness, 'doubt');
  assert.equal(outageMs(path), 280);
  step(state, check('fibre/4', 6350, failed()));
  assert.equal(path.liveness, 'doubt');
  assert.equal(nextStart(state), 6420, 'exactly when minOutage is over');
  step(state, check('fibre/4', 6420, failed()));
  assert.equal(path.liveness, 'down');
  assert.deepEqual(state.active[4], ['lte']);
});

test('a silence long ago, or over, is not the beginning of an outage', () => {
  const ages = calm();
  step(ages, traffic(5500, 5420));
  step(ages, check('fibre/4', 7000, failed()));
  assert.equal(pathOf(ages, 'fibre').failedSince, start + 7000);
  const over = calm();
  step(over, traffic(5500, 5420));
  step(over, traffic(5600));
  step(over, check('fibre/4', 5700, failed()));
  assert.equal(pathOf(over, 'fibre').failedSince, start + 5700);
});

test('what arrives in doubt does not make the outage shorter: it may be a reply of the gateway', () => {
  const state = calm();
  step(state, traffic(5500, 5420));
  step(state, check('fibre/4', 5500, failed()));
  step(state, traffic(5700));
  assert.equal(pathOf(state, 'fibre').failedSince, start + 5420);
  assert.equal(pathOf(state, 'fibre').liveness, 'doubt', 'checks alone end it');
});

test('a check that began in the silence and passed leaves nothing to find out', () => {
  const state = calm();
  step(state, check('fibre/4', 6000, passed()));
  assert.deepEqual(step(state, traffic(6080, 5990)).effects.checks, ['fibre/6']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import { nextCheck } from '../../../src/core/schedule/next-check.ts';
import { lastingPaths, type Memory } from '../../../src/core/state/memory.ts';
import { memoryOf } from '../../../src/core/state/memory-of.ts';
import { initial, type State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  passed,
  pathOf,
  start,
  warmUp,
} from '../example.ts';

/** The next run's state: from what this one leaves, through a file. */
function restart(state: State, config: Config = state.config, afterMs = 8000): State {
  const memory: Memory = JSON.parse(JSON.stringify(memoryOf(state)));
  const next = initial(config, start + afterMs, memory);
  step(next, { type: 'links', at: start + afterMs, links: exampleLinks() });
  return next;
}

test('memoryOf() and initial() keep choice, verdicts, windows and counts through a file', () => {
  const state = warmUp(exampleState());
  for (let at = 6000; at <= 7000; at += 50) step(state, check('fibre/4', at, failed(), 10));
  assert.deepEqual(state.active[4], ['lte']);
  const next = restart(state);
  assert.deepEqual(next.active, state.active);
  for (const id of ['fibre', 'lte', 'dsl']) {
    const [before, after] = [pathOf(state, id), pathOf(next, id)];
    for (const key of [
      'health',
      'liveness',
      'since',
      'consecutiveSucceeded',
      'penalty',
      'penaltyAt',
    ] as const) {
      assert.equal(after[key], before[key], `${id} ${key}`);
    }
    assert.deepEqual(after.window.toSamples(), before.window.toSamples());
    assert.deepEqual(after.window.summary(), before.window.summary());
    assert.deepEqual(after.remembered, before.remembered);
  }
});

test('initial() makes no decision but that nothing changed: a restart moves nothing', () => {
  const state = warmUp(exampleState());
  const next = initial(state.config, start + 8000, memoryOf(state));
  const { decisions } = step(next, { type: 'links', at: start + 8000, links: exampleLinks() });
  assert.deepEqual(
    decisions.filter(({ kind }) => kind === 'switch' || kind === 'health'),
    [],
  );
  assert.deepEqual(step(next, { type: 'tick', at: start + 9000 }).decisions, []);
});

test('initial() lets doubt be raised again by the next checks rather than trust half of it', () => {
  const state = warmUp(exampleState());
  for (const at of [6000, 6050, 6100]) step(state, check('fibre/4', at, failed(), 10));
  assert.equal(pathOf(state, 'fibre').liveness, 'doubt');
  const next = restart(state);
  assert.deepEqual([pathOf(next, 'fibre').liveness, pathOf(next, 'fibre').consecutiveFailed], ['up', 0]);
  assert.deepEqual(next.active[4], ['fibre']);
  for (let at = 8000; at <= 9000; at += 50) step(next, check('fibre/4', at, failed(), 10));
  assert.deepEqual(next.active[4], ['lte']);
});

test('initial() takes a recalled dead provider back when it passes', () => {
  const state = warmUp(exampleState());
  for (let at = 6000; at <= 7000; at += 50) step(state, check('fibre/4', at, failed(), 10));
  const next = restart(state);
  assert.equal(pathOf(next, 'fibre').liveness, 'down');
  step(next, check('fibre/4', 8100, passed()));
  assert.equal(pathOf(next, 'fibre').liveness, 'up');
});

test('initial() forgets what the configuration no longer has, and keeps a shorter window', () => {
  const state = warmUp(exampleState());
  step(state, { type: 'sticky', at: start + 7000, sticky: { id: 'dsl', until: undefined } });
  const config = exampleConfig({
    providers: [exampleProvider(0), exampleProvider(1)],
    maxStoredTestResultCount: 2,
  });
  const next = restart(state, config);
  assert.deepEqual(next.active[4], ['fibre']);
  assert.equal(pathOf(next, 'fibre').window.samples, 2);
});

test('initial() without memory chooses the first and judges nobody', () => {
  const state = exampleState();
  assert.deepEqual(state.active[4], ['fibre']);
  assert.deepEqual(state.active[6], []);
  for (const path of state.paths.values()) assert.equal(path.health, 'unknown');
});

test('memoryOf() keeps the gateway of a provider whose default route went away before the restart', () => {
  const state = exampleState();
  const next = initial(state.config, start + 1000, JSON.parse(JSON.stringify(memoryOf(state))));
  step(next, { type: 'links', at: start + 1000, links: { ...exampleLinks(), defaults: [] } });
  assert.equal(pathOf(next, 'fibre').binding?.gateway, '10.10.1.254');
});

test('a new run plans first checks with the round-trip times of the last one, and knows slow lines after a reboot', () => {
  const state = exampleState();
  for (let at = 0; at < 6000; at += 1000) {
    step(state, check('fibre/4', at, passed(10)));
    step(state, check('lte/4', at, passed(620)));
  }
  const planned = (of: State, id: string) => nextCheck(of, pathOf(of, id))?.usual;
  assert.equal(planned(state, 'fibre'), undefined, 'the runner knows by now');
  const next = restart(state);
  assert.deepEqual(planned(next, 'fibre'), { rttMs: 10, jitterMs: 0, isOld: false });
  assert.equal(planned(next, 'dsl'), undefined, 'it never answered');
  step(next, check('fibre/4', 8000, failed()));
  assert.equal(planned(next, 'fibre'), undefined, 'only the first');
  const memory = memoryOf(next);
  const rebooted = initial(state.config, start, { ...memory, paths: lastingPaths(memory) });
  step(rebooted, { type: 'links', at: start, links: exampleLinks() });
  assert.equal(planned(rebooted, 'fibre'), undefined);
  assert.deepEqual(planned(rebooted, 'lte'), { rttMs: 620, jitterMs: 0, isOld: true });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import type { Decision } from '../../../models/decision.ts';
import { loadWords } from '../../../src/core/health/load.ts';
import { snapshot } from '../../../src/core/report/snapshot.ts';
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
} from '../example.ts';

const providers = [exampleProvider(0), exampleProvider(1)];
const limited = exampleConfig({ providers, rtt: { down: 200, up: 150 } });

/** Seconds in which both lines are checked, and the first carries this much. */
function pass(state: State, seconds: number, { rtt = 10, sent = 0, received = 0 } = {}): Decision[] {
  const from = state.at - start;
  step(state, { type: 'load', at: state.at, device: 'eth1', sent, received });
  const decisions: Decision[] = [];
  for (let after = from; after < from + seconds * 1000; after += 1000) {
    decisions.push(...step(state, check('fibre/4', after, passed(rtt))).decisions);
    step(state, check('lte/4', after));
    step(state, { type: 'tick', at: start + after + 950 });
  }
  return decisions;
}

function begin(config: Config = limited): State {
  const state = exampleState(config);
  pass(state, 60);
  assert.deepEqual(state.active[4], ['fibre']);
  return state;
}

function remarks(state: State, id = 'fibre/4'): readonly string[] {
  return snapshot(state).paths.find(({ path }) => path === id)?.remarks ?? [];
}

test('round-trip times over the limit are not held against a line that our own traffic fills', () => {
  const state = begin();
  pass(state, 120, { rtt: 1100, sent: 20e6 });
  assert.deepEqual(state.active[4], ['fibre']);
  assert.equal(pathOf(state, 'fibre').health, 'reliable');
  assert.deepEqual(remarks(state), [
    'RTT 1.1 s (limit 200 ms), not held against it: 20 of 20 Mbit/s were sent',
  ]);
  assert.deepEqual(remarks(state, 'lte/4'), []);
});

test('nor are those made while it was full, until they have left the window; others are', () => {
  const state = begin();
  pass(state, 60, { rtt: 1100, sent: 20e6 });
  pass(state, 40);
  assert.deepEqual(state.active[4], ['fibre']);
  pass(state, 60);
  assert.deepEqual(remarks(state), []);
  pass(state, 60, { rtt: 1100, sent: 5e6 });
  assert.deepEqual(state.active[4], ['lte']);
  assert.match(pathOf(state, 'fibre').why().reason, /rtt is .* \(limit 1?[52]0 ?0? ms\)/);
});

test('without the load the same times move the traffic', () => {
  const state = begin();
  pass(state, 60, { rtt: 1100 });
  assert.deepEqual(state.active[4], ['lte']);
});

test('jitter is treated likewise, and loss too while something still passes', () => {
  const config = exampleConfig({ providers, jitter: { down: 30, up: 20 }, loss: { down: 0.2, up: 0.05 } });
  for (const [sent, carrier] of [
    [20e6, 'fibre'],
    [0, 'lte'],
  ] as const) {
    const state = begin(config);
    pass(state, 20, { sent });
    for (let i = 0; i < 20; i += 1) pass(state, 1, { sent, rtt: i % 2 === 0 ? 10 : 500 });
    const from = state.at - start;
    for (let i = 0; i < 40; i += 1) {
      step(state, check('fibre/4', from + i * 1000, i % 3 === 0 ? failed() : passed()));
      step(state, check('lte/4', from + i * 1000));
      step(state, { type: 'tick', at: start + from + i * 1000 + 950 });
    }
    assert.deepEqual(state.active[4], [carrier]);
  }
});

test('`whileLoaded` sets other limits', () => {
  const config = exampleConfig({
    providers,
    rtt: { down: 200, up: 150, whileLoaded: { down: 1000, up: 800 } },
  });
  const state = begin(config);
  pass(state, 90, { rtt: 900, sent: 20e6 });
  assert.deepEqual(state.active[4], ['fibre']);
  const [left] = pass(state, 90, { rtt: 1100, sent: 20e6 });
  assert.deepEqual(state.active[4], ['lte']);
  assert.match(left?.reason ?? '', /^rtt is 1\.0 s \(limit 1\.0 s\)/);
});

test('a full line that dies is left as fast as any other', () => {
  const state = begin();
  pass(state, 60, { rtt: 1100, sent: 20e6 });
  const from = state.at - start;
  for (const after of [0, 500, 1001]) step(state, check('fibre/4', from + after, failed()));
  assert.deepEqual(state.active[4], ['lte']);
});

test('a line that was left is not believed to be better than it is because it is full', () => {
  const state = begin();
  pass(state, 60, { rtt: 1100 });
  assert.equal(pathOf(state, 'fibre').health, 'unreliable');
  pass(state, 60, { rtt: 1100, sent: 20e6 });
  assert.equal(pathOf(state, 'fibre').health, 'unreliable');
});

test('what a line can carry outlives the run', () => {
  const state = begin();
  pass(state, 60, { sent: 20e6 });
  const next = initial(limited, state.at + 1000, memoryOf(state));
  step(next, { type: 'links', at: state.at + 1000, links: exampleLinks(2) });
  pass(next, 60, { rtt: 1100, sent: 19e6 });
  assert.deepEqual(next.active[4], ['fibre']);
});

test('loadWords() shows both figures in one unit', () => {
  const words = (rate: number, peak: number): string =>
    loadWords({ at: start, direction: 'received', rate, peak });
  assert.equal(words(18e6, 20e6), '18 of 20 Mbit/s were received');
  assert.equal(words(1.9e6, 2e6), '1.9 of 2.0 Mbit/s were received');
  assert.equal(words(700_000, 680_000), '700 of 700 kbit/s were received');
  assert.equal(words(900e6, 1e9), '0.9 of 1.0 Gbit/s were received');
});

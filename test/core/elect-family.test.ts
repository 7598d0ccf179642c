import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PathKey } from '../../models/path.ts';
import { lastingPaths, type Memory } from '../../src/core/state/memory.ts';
import { memoryOf } from '../../src/core/state/memory-of.ts';
import { initial, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import {
  auto,
  check,
  exampleAddress,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  pathOf,
  start,
  warmUp,
} from './example.ts';

/** fibre failed and has been reliable again for longer than `failbackDelay`; the process then stands still. */
function beforeFailback() {
  const state = warmUp(exampleState(exampleConfig({ failbackDelayMs: 3000 })));
  for (let after = 6000; after < 8000; after += 100) step(state, check('fibre/4', after, failed()));
  assert.deepEqual(state.active[4], ['lte']);
  let after = 8000;
  for (; pathOf(state, 'fibre').health !== 'reliable'; after += 1000) step(state, check('fibre/4', after));
  assert.deepEqual(state.active[4], ['lte']);
  return { state, after };
}

test('a check that began before the process stood still leads to no failback, however late its end', () => {
  const { state, after } = beforeFailback();
  step(state, check('fibre/4', after, { ok: true, rttMs: 10 }, 5000));
  step(state, { type: 'tick', at: start + after + 5000 });
  assert.deepEqual(state.active[4], ['lte']);
  step(state, check('fibre/4', after + 5000));
  step(state, { type: 'tick', at: start + after + 5100 });
  assert.deepEqual(state.active[4], ['fibre'], 'the next one does');
});

/** Fails checks over a path for 2 s. */
function kill(state: State, path: PathKey, from: number): void {
  for (let after = from; after < from + 2000; after += 100) step(state, check(path, after, failed()));
}

/** Passes checks over a path, one a second. */
function heal(state: State, path: PathKey, from: number, seconds: number): void {
  for (let after = from; after < from + seconds * 1000; after += 1000) {
    step(state, check(path, after));
    step(state, { type: 'tick', at: start + after + 500 });
  }
}

const counts = (state: State, id: string, family: 4 | 6 = 4): number =>
  pathOf(state, id, family).failovers.length;

test('each failover away from a provider counts once, for its own family', () => {
  const both = [0, 1].map((i) => exampleProvider(i, { addressing: { 4: auto, 6: auto } }));
  const state = warmUp(exampleState(exampleConfig({ providers: both })));
  kill(state, 'fibre/4', 6000);
  assert.deepEqual(state.active, { 4: ['lte'], 6: ['fibre'] });
  assert.deepEqual([counts(state, 'fibre'), counts(state, 'fibre', 6), counts(state, 'lte')], [1, 0, 0]);
  heal(state, 'fibre/4', 8000, 18);
  assert.deepEqual(state.active[4], ['fibre'], 'a failback counts for neither');
  assert.deepEqual([counts(state, 'fibre'), counts(state, 'lte')], [1, 0]);
  kill(state, 'fibre/4', 30_000);
  assert.equal(counts(state, 'fibre'), 2);
});

test('a cable that is pulled counts once, however often its devices are read until it is back', () => {
  const state = warmUp(exampleState());
  const { links, defaults } = exampleLinks();
  const pulled = links.map((link) => (link.name === 'eth1' ? { ...link, carrier: false } : link));
  for (const after of [6000, 6010, 6500])
    step(state, { type: 'links', at: start + after, links: { links: pulled, defaults } });
  step(state, { type: 'links', at: start + 7000, links: { links, defaults } });
  assert.deepEqual(state.active[4], ['lte']);
  assert.equal(counts(state, 'fibre'), 1);
});

test('a line that comes back with another address keeps its failovers', () => {
  const state = warmUp(exampleState());
  kill(state, 'fibre/4', 6000);
  const { links, defaults } = exampleLinks();
  const addresses = [exampleAddress('10.10.1.77', 24)];
  const redialled = links.map((link) => (link.name === 'eth1' ? { ...link, addresses } : link));
  step(state, { type: 'links', at: start + 9000, links: { links: redialled, defaults } });
  assert.equal(pathOf(state, 'fibre').window.samples, 0, 'nothing else is known of it');
  assert.equal(counts(state, 'fibre'), 1);
});

test('what the operator orders is no failover', () => {
  const state = warmUp(exampleState());
  step(state, { type: 'sticky', at: start + 6000, sticky: { id: 'lte', until: undefined } });
  kill(state, 'lte/4', 6000);
  step(state, { type: 'sticky', at: start + 8000, sticky: undefined });
  assert.deepEqual(state.active[4], ['fibre']);
  const providers = state.config.providers.map((one) => ({ ...one, enabled: one.id !== 'fibre' }));
  step(state, { type: 'config', at: start + 8000, config: { ...state.config, providers } });
  assert.deepEqual(state.active[4], ['dsl']);
  step(state, { type: 'config', at: start + 9000, config: exampleConfig({ loss: { down: 0.1, up: 0.1 } }) });
  assert.deepEqual(
    ['fibre', 'lte', 'dsl'].map((id) => counts(state, id)),
    [0, 0, 0],
  );
});

test('a restart remembers failovers, and drops those that seem to lie in the future', () => {
  const state = warmUp(exampleState());
  kill(state, 'fibre/4', 6000);
  const memory = memoryOf(state);
  const begun = (at: number, known: Memory = memory): State => {
    const next = initial(exampleConfig(), at, known);
    step(next, { type: 'links', at, links: exampleLinks() });
    return next;
  };
  assert.equal(counts(begun(start + 10_000), 'fibre'), 1);
  const early = begun(start - 1e6, { active: memory.active, paths: lastingPaths(memory) }); // after a reboot
  heal(early, 'fibre/4', -1e6, 20);
  assert.deepEqual(early.active[4], ['fibre']);
  kill(early, 'fibre/4', -900_000);
  assert.equal(counts(early, 'fibre'), 1, 'the one of this run');
});

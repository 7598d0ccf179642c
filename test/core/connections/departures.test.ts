import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OnFailback } from '../../../models/on-failback.ts';
import type { Health, Liveness } from '../../../models/snapshot.ts';
import { departures, drainAction } from '../../../src/core/connections/departures.ts';
import type { State } from '../../../src/core/state/state.ts';
import { exampleConfig, exampleProvider, exampleState, pathOf, start, warmUp } from '../example.ts';

/** fibre, lte, dsl: all reliable, lte carries the traffic that fibre carried. */
function moved(fibre: { health?: Health; liveness?: Liveness; onFailback?: OnFailback } = {}): State {
  const { onFailback = { kind: 'soft' } } = fibre;
  const providers = [exampleProvider(0, { onFailback }), exampleProvider(1), exampleProvider(2)];
  const state = warmUp(exampleState(exampleConfig({ connectionMarks: true, providers })));
  const path = pathOf(state, 'fibre');
  path.health = fibre.health ?? 'reliable';
  path.liveness = fibre.liveness ?? 'up';
  state.active = { 4: ['lte'], 6: [] };
  state.newTraffic = state.active;
  return state;
}

const before = { 4: ['fibre'], 6: [] };

function only(state: State) {
  const [leaving, ...rest] = departures(before, state);
  assert.ok(leaving);
  assert.deepEqual(rest, []);
  return leaving;
}

test('leavings() are those that no longer carry traffic, not standbys', () => {
  const state = moved({ health: 'unreliable', liveness: 'down' });
  pathOf(state, 'dsl').liveness = 'down';
  pathOf(state, 'dsl').health = 'unreliable';
  assert.deepEqual(departures(before, state), [{ id: 'fibre', family: 4, why: 'failed', dueAt: state.at }]);
  assert.deepEqual(departures(state.active, state), []);
});

test('fateOf() of one that failed: cut once it is dead', () => {
  const state = moved({ health: 'unreliable', liveness: 'up' });
  const leaving = only(state);
  assert.equal(drainAction(leaving, state, state.at), 'wait'); // unreliable, but something gets through
  pathOf(state, 'fibre').liveness = 'doubt';
  assert.equal(drainAction(leaving, state, state.at), 'wait');
  pathOf(state, 'fibre').liveness = 'down';
  assert.equal(drainAction(leaving, state, state.at), 'cut');
  pathOf(state, 'fibre').obstacle = 'no carrier';
  assert.equal(drainAction(leaving, state, state.at), 'cut');
});

test('fateOf() keeps what is back, and what carries traffic again', () => {
  const state = moved({ health: 'unreliable', liveness: 'down' });
  const leaving = only(state);
  pathOf(state, 'fibre').health = 'reliable';
  assert.equal(drainAction(leaving, state, state.at), 'keep');
  pathOf(state, 'fibre').health = 'unreliable';
  state.active = { 4: ['fibre'], 6: [] };
  assert.equal(drainAction(leaving, state, state.at), 'keep');
});

test('fateOf() never cuts when nobody else is reliable, or all are down', () => {
  const state = moved({ health: 'unreliable', liveness: 'down' });
  const leaving = only(state);
  for (const spoil of [
    () => ({ health: 'unreliable' }) as const,
    () => ({ health: 'unknown' }) as const,
    () => ({ liveness: 'doubt' }) as const,
    () => ({ obstacle: 'no carrier' }),
  ]) {
    const lte = pathOf(state, 'lte');
    const good = { health: lte.health, liveness: lte.liveness, obstacle: lte.obstacle };
    Object.assign(lte, spoil());
    assert.equal(drainAction(leaving, state, state.at), 'wait', JSON.stringify(spoil()));
    Object.assign(lte, good);
  }
  assert.equal(drainAction(leaving, state, state.at), 'cut');
  state.allDown = { 4: true, 6: false };
  assert.equal(drainAction(leaving, state, state.at), 'wait');
});

test('leavings() at a failback: soft is none, hard is due at once, drain later', () => {
  assert.deepEqual(departures(before, moved()), []);
  const hard = moved({ onFailback: { kind: 'hard' } });
  assert.equal(drainAction(only(hard), hard, hard.at), 'cut');
  const drain = moved({ onFailback: { kind: 'drain', afterMs: 60_000 } });
  assert.equal(drainAction(only(drain), drain, drain.at + 59_000), 'wait');
  assert.equal(drainAction(only(drain), drain, drain.at + 60_000), 'cut');
});

test('fateOf() of one that is to be drained: not while it stands in for another in doubt', () => {
  const state = moved({ onFailback: { kind: 'drain', afterMs: 0 } });
  const leaving = only(state);
  state.newTraffic = { 4: ['fibre'], 6: [] };
  assert.equal(drainAction(leaving, state, start + 1e6), 'wait');
});

test('leavings() when the operator pins another: nothing is cut that works', () => {
  const state = moved({ onFailback: { kind: 'hard' } });
  state.sticky = { id: 'lte', until: undefined };
  assert.deepEqual(departures(before, state), []);
});

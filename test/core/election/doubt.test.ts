import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { electFamily } from '../../../src/core/elect-family.ts';
import { doubtMatters } from '../../../src/core/election/doubt.ts';
import type { PathState, State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { config } from '../arbitrary.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleProvider,
  exampleState,
  failed,
  pathOf,
  start,
  warmUp,
} from '../example.ts';

/** Reliable paths that are up or in doubt. */
function soundPaths(state: State): PathState[] {
  if (state.links === undefined) return [];
  return [...state.paths.values()].filter(
    ({ expected, health, liveness }) =>
      expected && health === 'reliable' && (liveness === 'up' || liveness === 'doubt'),
  );
}

/** Whether the election was found not to depend on a doubt. If so, makes sure of it. */
function isSpared(state: State, path: PathState): boolean {
  electFamily(state, path.family); // what time alone has changed
  const { active, newTraffic } = state;
  const before = path.liveness;
  path.liveness = before === 'up' ? 'doubt' : 'up';
  const spared = !doubtMatters(state, path);
  if (spared) {
    assert.deepEqual(electFamily(state, path.family), [], `${path.key} ${path.liveness}`);
    assert.ok(state.active === active && state.newTraffic === newTraffic);
  }
  path.liveness = before;
  return spared;
}

const condition = fc.record({
  health: fc.constantFrom(
    'reliable' as const,
    'reliable' as const,
    'unreliable' as const,
    'unknown' as const,
  ), // literals
  liveness: fc.constantFrom('up' as const, 'up' as const, 'doubt' as const, 'unknown' as const), // the same
  reliableForMs: fc.constantFrom(0, 5000, 60_000),
  failovers: fc.constantFrom([], [start], [start, start + 1000]),
});

test('doubtMatters() is false only where an election would change nothing', () => {
  let spared = 0;
  fc.assert(
    fc.property(config, fc.array(condition, { minLength: 8, maxLength: 8 }), (config, conditions) => {
      const state = exampleState(config, exampleLinks(4));
      state.at += 70_000;
      [...state.paths.values()].forEach((path, i) => {
        const { reliableForMs = 0, ...rest } = conditions[i] ?? {};
        const now = state.at;
        Object.assign(path, { ...rest, since: now - reliableForMs, seenUntil: now, lastStart: now });
      });
      for (const path of soundPaths(state)) if (isSpared(state, path)) spared += 1;
    }),
    { numRuns: 3000 },
  );
  assert.ok(spared > 1000, `only ${spared} elections were spared`);
});

test('doubtMatters() asks for an election where a doubt ends that kept traffic from returning', () => {
  const providers = [0, 1, 2].map((index) => exampleProvider(index));
  const state = warmUp(exampleState(exampleConfig({ providers })));
  step(state, { type: 'sticky', at: start + 6000, sticky: { id: 'lte', until: undefined } });
  step(state, { type: 'sticky', at: start + 6001, sticky: undefined });
  assert.deepEqual(state.active[4], ['lte']);
  assert.equal(doubtMatters(state, pathOf(state, 'fibre')), true, 'a better one');
  assert.equal(doubtMatters(state, pathOf(state, 'dsl')), false, 'one that is next in line at most');
  step(state, check('fibre/4', 6100, failed()));
  assert.equal(doubtMatters(state, pathOf(state, 'fibre')), false, 'in doubt it gets nothing');
});

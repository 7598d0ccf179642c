import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Config } from '../../models/config.ts';
import type { Event } from '../../models/event.ts';
import { type Family, families, pathKey } from '../../models/path.ts';
import { snapshot } from '../../src/core/report/snapshot.ts';
import { desired } from '../../src/core/routes/desired.ts';
import { nextCheck } from '../../src/core/schedule/next-check.ts';
import { memoryOf } from '../../src/core/state/memory-of.ts';
import { initial, type PathState, type State } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import { event, run } from './arbitrary.ts';
import { exampleConfig, start } from './example.ts';

const runs = { numRuns: 1500 };

/** Runs events, looks at the state after each, and returns all that can be seen of the run, as text. */
function play(config: Config, events: readonly Event[], look?: (state: State) => void): string {
  const state = initial(config, start);
  const seen: unknown[] = [];
  for (const event of events) {
    seen.push(step(state, event));
    look?.(state);
  }
  seen.push(snapshot(state), memoryOf(state), desired(state));
  for (const path of state.paths.values()) seen.push(nextCheck(state, path));
  return JSON.stringify(seen);
}

/** The paths that may be elected. */
function candidates(state: State, family: Family): PathState[] {
  return [...state.paths.values()].filter((path) => path.family === family && path.expected);
}

/** Whether a path is unreliable for more than its loss: that may be over, or no more than what another loses. */
function isToBeLeft(path: PathState | undefined): boolean {
  return path?.health === 'unreliable' && path.exceeds !== 'loss';
}

test('step() never throws, whatever happens in whatever order', () => {
  fc.assert(
    fc.property(run, ({ config, events }) => {
      play(config, events, (state) => {
        for (const path of state.paths.values()) nextCheck(state, path);
        desired(state);
        snapshot(state);
      });
    }),
    { numRuns: 500 },
  );
});

test('step() never throws before the devices were read', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      play(exampleConfig(), events);
    }),
    { numRuns: 500 },
  );
});

test('step() gives the same states and decisions for the same events, read back from a record too', () => {
  fc.assert(
    fc.property(run, ({ config, events }) => {
      const first = play(config, events);
      assert.equal(play(config, events), first);
      const recorded: Event[] = JSON.parse(JSON.stringify(events));
      const configRecorded: Config = JSON.parse(JSON.stringify(config));
      assert.equal(play(configRecorded, recorded), first);
    }),
    { numRuns: 500 },
  );
});

test('step() elects no unreliable provider while a reliable one exists, unless pinned or only its loss counts', () => {
  fc.assert(
    fc.property(run, ({ config, events }) => {
      play(config, events, (state) => {
        for (const family of families) {
          const [active] = state.active[family];
          if (active === undefined || active === state.sticky?.id) continue;
          if (!isToBeLeft(state.paths.get(`${active}/${family}`))) continue;
          const better = candidates(state, family).filter(
            (path) => path.health === 'reliable' && path.provider.tier !== null,
          );
          assert.ok(better.length === 0, `${active} is active, ${better[0]?.key} is reliable`);
        }
      });
    }),
    runs,
  );
});

test('step() never leaves the traffic on a provider that is down while another one is not, unless it is pinned', () => {
  fc.assert(
    fc.property(run, ({ config, events }) => {
      play(config, events, (state) => {
        const isDead = (path: PathState): boolean => path.liveness === 'down' || path.obstacle !== undefined;
        for (const family of families) {
          const [active] = state.active[family];
          const path = state.paths.get(`${active ?? ''}/${family}`);
          if (active === state.sticky?.id || (path !== undefined && !isDead(path))) continue;
          const living = candidates(state, family).filter(
            (other) => !isDead(other) && other.provider.tier !== null,
          );
          assert.deepEqual(
            living.map(({ key }) => key),
            [],
            `${active} is active`,
          );
        }
      });
    }),
    runs,
  );
});

test('step() obeys a pin wherever the pinned provider has the family', () => {
  fc.assert(
    fc.property(run, ({ config, events }) => {
      play(config, events, (state) => {
        for (const family of families) {
          const path = state.paths.get(`${state.sticky?.id ?? ''}/${family}`);
          if (state.links === undefined || path?.expected !== true) continue;
          assert.deepEqual(state.active[family], [state.sticky?.id]);
        }
      });
    }),
    runs,
  );
});

test('step() has active providers of one tier, configured and enabled, none of which is worse off than another', () => {
  fc.assert(
    fc.property(run, ({ config, events }) => {
      play(config, events, (state) => {
        for (const id of families.flatMap((family) => state.active[family])) {
          assert.equal(state.config.providers.find((provider) => provider.id === id)?.enabled, true);
        }
        for (const family of families) {
          const shared = state.active[family].flatMap((id) => state.paths.get(pathKey(id, family)) ?? []);
          if (shared.length < 2) continue;
          assert.equal(new Set(shared.map(({ provider }) => provider.tier)).size, 1);
          const dead = shared.filter((path) => path.obstacle !== undefined || path.liveness === 'down');
          assert.ok(dead.length === 0 || dead.length === shared.length, dead.map(({ key }) => key).join(' '));
        }
      });
    }),
    runs,
  );
});

test('step() calls every path unreliable that is down or has an obstacle', () => {
  fc.assert(
    fc.property(run, ({ config, events }) => {
      play(config, events, (state) => {
        for (const path of families.flatMap((family) => candidates(state, family))) {
          const isDead = path.obstacle !== undefined || path.liveness === 'down';
          assert.ok(!isDead || path.health === 'unreliable', path.key);
        }
      });
    }),
    runs,
  );
});

test('step() explains every decision: a sentence and a reason', () => {
  fc.assert(
    fc.property(run, ({ config, events }) => {
      const state = initial(config, start);
      for (const event of events) {
        for (const { kind, sentence, reason, at } of step(state, event).decisions) {
          assert.ok(
            sentence.length > 0 && !/undefined|NaN/.test(`${sentence} ${reason}`),
            `${sentence}: ${reason}`,
          );
          assert.ok(reason.length > 0 || kind === 'kernel' || kind === 'config', sentence);
          assert.equal(at, state.at);
        }
      }
    }),
    { numRuns: 500 },
  );
});

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { snapshot } from '../../src/core/report/snapshot.ts';
import { byWallClock, now, onOurClock, onWallClock } from '../../src/daemon/clock.ts';
import { exampleState, start } from '../core/example.ts';

/** Runs with a wall clock that was stepped; ours never is. */
function stepped(byMs: number, run: () => void): void {
  const real = Date.now;
  const clock = mock.method(Date, 'now', () => real() + byMs);
  try {
    run();
  } finally {
    clock.mock.restore();
  }
}

const near = (a: number | undefined, b: number): void =>
  assert.ok(a !== undefined && Math.abs(a - b) <= 1500, `${a} is not about ${b}`);

test('now() is the time of day, and goes on as before when that is stepped', () => {
  near(now(), Date.now());
  const before = now();
  stepped(-86_400_000, () => near(now(), before));
});

test('onWallClock() shows our instants by the wall clock as it is now, to the second the same each time', () => {
  for (const byMs of [0, 3_600_000, -86_400_000])
    stepped(byMs, () => {
      const at = now();
      near(onWallClock(at), Date.now());
      assert.equal(onWallClock(at), onWallClock(at));
    });
});

test('onOurClock() ends a pin when the wall clock shows its end, whatever that was stepped by', () => {
  stepped(3_600_000, () => {
    const written = Date.now() + 60_000;
    const sticky = onOurClock({ id: 'lte', until: written });
    near(sticky?.until, now() + 60_000);
    assert.equal(sticky?.written, written);
  });
  const forever = { id: 'lte', until: undefined };
  assert.equal(onOurClock(forever), forever);
  assert.equal(onOurClock(undefined), undefined);
});

test('byWallClock() turns every instant of a snapshot, and no length of time', () => {
  const state = exampleState();
  state.sticky = { id: 'lte', until: start + 1000, written: start + 2000 };
  const path = state.paths.get('fibre/4');
  assert.ok(path);
  path.since = start + 5;
  state.targets[4].set('ping 1.1.1.1', {
    family: 4,
    target: 'ping 1.1.1.1',
    failures: new Map(),
    deadSince: start,
    ...{ answers: 0, answersSince: 0, answeredBy: new Set(), backAt: undefined, relapses: 0 },
  });
  const ours = snapshot(state);
  stepped(7_200_000, () => {
    const shown = byWallClock(ours);
    near(shown.at, start + 7_200_000);
    near(shown.startedAt, start + 7_200_000);
    near(shown.sticky?.until, start + 7_201_000);
    near(shown.paths[0]?.since, start + 7_200_005);
    near(shown.deadTargets[0]?.since, start + 7_200_000);
    assert.equal(shown.paths[1]?.since, undefined);
    assert.equal(shown.paths[0]?.samples, ours.paths[0]?.samples);
  });
});

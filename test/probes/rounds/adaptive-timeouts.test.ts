import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ping } from '../../../models/config.ts';
import { AdaptiveTimeouts } from '../../../src/probes/rounds/adaptive-timeouts.ts';

const [near, far] = [ping('1.1.1.1'), ping('9.9.9.9')];
const bounds = { scenarios: [near, far], checkIntervalMs: 1000, checkTimeoutMs: 1000, minOutageMs: 1000 };

function after(...took: readonly (readonly [ms: number, untimed?: boolean])[]): AdaptiveTimeouts {
  const timeouts = new AdaptiveTimeouts();
  for (const [ms, untimed] of took) timeouts.learn(near.name, ms, untimed);
  return timeouts;
}

test('a time that is not the line’s stands only until there is one that is', () => {
  assert.equal(after([90, true]).timeoutMs(near, bounds, 0), 270);
  assert.equal(after([90, true], [1]).timeoutMs(near, bounds, 0), 50);
  assert.equal(after([90, true], [20, true]).timeoutMs(near, bounds, 0), 60);
  assert.equal(after([20], [900, true]).timeoutMs(near, bounds, 0), 60);
});

test('a target without an answer gets as long as another of its kind', () => {
  assert.equal(after([40]).timeoutMs(far, bounds, 0), 120);
  assert.equal(after().timeoutMs(far, bounds, 0), 700);
});

test('keep() forgets the others, guessed or not', () => {
  for (const untimed of [false, true]) {
    const timeouts = after([90, untimed]);
    assert.ok(timeouts.knows(near.name));
    timeouts.keep([far]);
    assert.ok(!timeouts.knows(near.name));
    timeouts.learn(near.name, 40);
    assert.equal(timeouts.timeoutMs(near, bounds, 0), 120);
  }
});

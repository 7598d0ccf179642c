import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Throttle } from '../../src/daemon/throttle.ts';
import { until } from '../support/until.ts';

/** Keeps the processor busy. */
function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test('Paced.soon() is at once while the job costs nothing', () => {
  let count = 0;
  const paced = new Throttle(() => {
    count += 1;
  });
  paced.schedule();
  assert.equal(count, 1);
});

test('Paced.soon() leaves nine tenths of the time to others, and does it once for all that asked', async () => {
  let count = 0;
  const paced = new Throttle(() => {
    count += 1;
    work(20);
  });
  const began = performance.now();
  paced.runNow();
  for (let i = 0; i < 100; i += 1) paced.schedule();
  assert.equal(count, 1, 'not yet');
  await until(() => count === 2, 'the second');
  assert.ok(performance.now() - began >= 200 + 20, `again after ${performance.now() - began} ms`);
  await sleep(250);
  assert.equal(count, 2, 'nobody asked again');
});

test('Paced.atOnce() does it at once, and in place of what was to be done soon', async () => {
  let count = 0;
  const paced = new Throttle(() => {
    count += 1;
    work(5);
  });
  paced.runNow();
  paced.schedule();
  paced.runNow();
  assert.equal(count, 2);
  await sleep(100);
  assert.equal(count, 2);
});

test('Paced.cancel() forgets what was to be done soon', async () => {
  let count = 0;
  const paced = new Throttle(() => {
    count += 1;
    work(5);
  });
  paced.runNow();
  paced.schedule();
  paced.cancel();
  await sleep(100);
  assert.equal(count, 1);
});

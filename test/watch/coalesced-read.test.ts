import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoalescedRead } from '../../src/watch/coalesced-read.ts';
import { until } from '../support/until.ts';

test('ask() during a reading causes one more, however often it is asked', async () => {
  const ends: (() => void)[] = [];
  const reading = new CoalescedRead({
    read: () => new Promise((resolve) => ends.push(resolve)),
    trouble: assert.fail,
    pauseMs: 1,
    retryMs: 1,
  });
  reading.request();
  for (let i = 0; i < 5; i++) reading.request();
  assert.equal(ends.length, 1);
  ends[0]?.();
  await until(() => ends.length === 2, 'reading 2');
  ends[1]?.();
  reading.request();
  await until(() => ends.length === 3, 'reading 3');
  reading.close();
  ends[2]?.();
});

test('ask() tries again after a reading that failed, and reports it', async () => {
  const troubles: unknown[] = [];
  let readings = 0;
  const reading = new CoalescedRead({
    read: async () => {
      readings += 1;
      if (readings === 1) throw new Error('out of order');
    },
    trouble: (error) => troubles.push(error),
    pauseMs: 1,
    retryMs: 1,
  });
  reading.request();
  await until(() => readings === 2, 'reading 2');
  assert.match(String(troubles), /out of order/);
  reading.close();
});

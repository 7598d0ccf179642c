import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { RepairLimit } from '../../src/kernel/repair-pace.ts';

test('mustWait() lets four repairs through at once, then one each second, and forgets after ten', () => {
  let now = 0;
  const clock = mock.method(performance, 'now', () => now);
  const pace = new RepairLimit(1000);
  const tried = (): boolean[] => Array.from({ length: 5 }, () => pace.mustWait());
  assert.deepEqual(tried(), [false, false, false, false, true]);
  now = 999;
  assert.equal(pace.mustWait(), true);
  now = 1000;
  assert.deepEqual([pace.mustWait(), pace.mustWait()], [false, true]);
  now = 11_001;
  assert.deepEqual(tried(), [false, false, false, false, true]);
  clock.mock.restore();
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Spending } from '../../../src/core/state/spending.ts';
import { start } from '../example.ts';

const minute = 60_000;

test('lastHour() is what was spent in 60 minutes, and sinceStart everything', () => {
  const spending = new Spending();
  const zero = Math.floor(start / minute) * minute;
  for (let i = 0; i < 90; i += 1) spending.add(zero + i * minute, { bytes: 100, checks: 1 });
  assert.deepEqual(spending.lastHour(zero + 89 * minute), { bytes: 6000, checks: 60 });
  assert.deepEqual(spending.lastHour(zero + 118 * minute), { bytes: 3100, checks: 31 });
  assert.deepEqual(spending.lastHour(zero + 500 * minute), { bytes: 0, checks: 0 });
  assert.equal(spending.sinceStart, 9000);
});

test('lastHour() agrees with a list of all that was spent', () => {
  const step = fc.record({
    gap: fc.integer({ min: 0, max: 400_000 }),
    bytes: fc.integer({ min: 0, max: 9999 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), (steps) => {
      const spending = new Spending();
      const all: { readonly minute: number; readonly bytes: number }[] = [];
      let at = start;
      for (const { gap, bytes } of steps) {
        at += gap;
        spending.add(at, { bytes, checks: 1 });
        all.push({ minute: Math.floor(at / minute), bytes });
        const recent = all.filter((each) => each.minute > Math.floor(at / minute) - 60);
        const bytesOfAll = recent.reduce((sum, each) => sum + each.bytes, 0);
        assert.deepEqual(spending.lastHour(at), { bytes: bytesOfAll, checks: recent.length });
      }
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationMs, spellDuration } from '../../../src/config/values/duration.ts';

test('durationMs() reads seconds and units', () => {
  const cases: readonly (readonly [number | string, number | undefined])[] = [
    [1, 1000],
    [0.07, 70],
    [0, 0],
    ['250ms', 250],
    ['0.5s', 500],
    ['10 s', 10_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['10', undefined],
    ['-1s', undefined],
    ['1e3s', undefined],
    ['s', undefined],
    ['', undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
  ];
  for (const [written, expected] of cases) assert.equal(durationMs(written), expected, String(written));
});

test('spellDuration() is short, and reads as the same length', () => {
  assert.deepEqual([0, 50, 300, 1000, 1500, 90_000, 86_400_000].map(spellDuration), [
    '0s',
    '50ms',
    '300ms',
    '1s',
    '1.5s',
    '1.5m',
    '1d',
  ]);
  fc.assert(fc.property(fc.nat(100_000_000), (ms) => durationMs(spellDuration(ms)) === ms));
});

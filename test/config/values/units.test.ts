import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../../src/config/parse.ts';
import { durationMs, readBytes, spellDuration } from '../../../src/config/values/units.ts';

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

test('readBytes() reads numbers and units', () => {
  const cases = [
    [1000, 1000],
    [1.6, 2],
    ['984 B', 984],
    ['500kB', 500_000],
    ['500KB', 500_000],
    ['1.5MB', 1_500_000],
    ['2 GB', 2e9],
    ['1TB', 1e12],
    ['64KiB', 65_536],
    ['1MiB', 1_048_576],
    ['1GiB', 2 ** 30],
  ] as const;
  for (const [written, expected] of cases) assert.equal(readBytes(written), expected, String(written));
  for (const written of ['', '5', '5M', '5Mb', '-1MB', 'MB', Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(readBytes(written), undefined, String(written));
});

test('probeBudget takes numbers and units', () => {
  for (const [probeBudget, expected] of [
    ['5MB', 5_000_000],
    [4096, 4096],
    ['1TB', 1e12],
  ] as const) {
    const parsed = parseConfig(
      { providers: [{ id: 'lte', interfaceName: 'wwan0', probeBudget }] },
      { file: '/x/config.ts' },
    );
    assert.ok(parsed.ok);
    assert.equal(parsed.config.providers[0]?.probeBudget, expected);
    assert.equal(parsed.sources['providers[0].probeBudget'], 'config');
  }
});

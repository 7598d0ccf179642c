import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../../src/config/parse.ts';
import { readBytes } from '../../../src/config/values/bytes.ts';

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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../models/config.ts';
import { keepMarks } from '../../src/core/keep-marks.ts';
import { exampleConfig, exampleProvider } from './example.ts';

/** A configuration with these providers, marked by their places. */
function listed(...ids: readonly string[]): Config {
  return exampleConfig({ providers: ids.map((id, index) => exampleProvider(index, { id })) });
}

function marks({ providers }: Config): Record<string, number> {
  return Object.fromEntries(providers.map(({ id, mark }) => [id, mark / 0x01000000]));
}

for (const [what, before, next, expected] of [
  ['the same list', ['a', 'b'], ['a', 'b'], { a: 1, b: 2 }],
  ['another order', ['a', 'b', 'c'], ['c', 'a', 'b'], { c: 3, a: 1, b: 2 }],
  ['one put first', ['a', 'b'], ['new', 'a', 'b'], { new: 3, a: 1, b: 2 }],
  ['one taken out', ['a', 'b', 'c'], ['a', 'c'], { a: 1, c: 3 }],
  ['one taken out, one put in', ['a', 'b', 'c'], ['new', 'c', 'a'], { new: 2, c: 3, a: 1 }],
] as const)
  test(`keepMarks() leaves each provider its mark: ${what}`, () => {
    assert.deepEqual(marks(keepMarks(listed(...before), listed(...next))), expected);
  });

test('keepMarks() gives no mark twice, whatever the lists', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const lists = ids.flatMap((x) => ids.flatMap((y) => ids.map((z) => [...new Set([x, y, z])])));
  for (const before of lists)
    for (const next of lists) {
      const given = Object.values(marks(keepMarks(listed(...before), listed(...next))));
      assert.equal(new Set(given).size, next.length, `${before} → ${next}: ${given}`);
    }
});

test('keepMarks() keeps none under another mask', () => {
  const next = { ...listed('b', 'a'), fwmarkMask: 0xff };
  assert.equal(keepMarks(listed('a', 'b'), next), next);
});

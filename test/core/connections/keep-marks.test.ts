import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import { keepMarks } from '../../../src/core/connections/keep-marks.ts';
import { exampleConfig, exampleProvider } from '../example.ts';

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

test('keepMarks() leaves a provider its mark under another id', () => {
  const before = keepMarks(listed('a', 'b', 'c'), listed('b', 'c')); // on eth1 and eth2, marked 2 and 3
  assert.deepEqual(marks(keepMarks(before, listed('b', 'x'))), { b: 2, x: 3 });
});

test('keepMarks() keeps none under another mask', () => {
  const next = { ...listed('b', 'a'), fwmarkMask: 0xff };
  assert.equal(keepMarks(listed('a', 'b'), next), next);
});

/** The same with a pattern whose members are marked from then on, as the configuration numbers them. */
function withPattern(...ids: readonly string[]): Config {
  const template = exampleProvider(ids.length, { id: 'template', interfaceName: 'wan*', rtTableId: 1001 });
  return { ...listed(...ids), patterns: [{ idPrefix: undefined, place: ids.length, template }] };
}

for (const [what, next, expected] of [
  ['one put first', ['new', 'a', 'b'], { new: 255, a: 1, b: 2 }],
  ['one taken out', ['b'], { b: 2 }],
  ['one taken out, two put in', ['x', 'y', 'b'], { x: 1, y: 255, b: 2 }],
] as const)
  test(`keepMarks() leaves what patterns find its marks: ${what}`, () => {
    const kept = keepMarks(withPattern('a', 'b'), withPattern(...next));
    assert.deepEqual(marks(kept), expected);
    assert.equal(kept.patterns?.[0]?.template.mark, 0x03000000);
    const again = keepMarks(kept, withPattern(...next));
    assert.deepEqual(again, kept);
  });

test('keepMarks() has patterns that are new begin after the named ones', () => {
  const kept = keepMarks(listed('a', 'b', 'c'), withPattern('c', 'a'));
  assert.deepEqual(marks(kept), { c: 2, a: 1 });
  assert.equal(kept.patterns?.[0]?.template.mark, 0x03000000);
});

test("keepMarks() keeps none for an operator's own firewall, which has those that `failover generate` prints", () => {
  const next: Config = { ...listed('new', 'a', 'b'), connectionMarks: true, externalMarks: true };
  assert.deepEqual(marks(keepMarks(listed('a', 'b'), next)), { new: 1, a: 2, b: 3 });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastPreference, mainTable, type Rule } from '../../../models/route.ts';
import { changedRules } from '../../../src/core/routes/rule-order.ts';

const any = {
  family: 4,
  from: undefined,
  to: undefined,
  oif: undefined,
  suppressPrefixLength: undefined,
} as const;
const pref = lastPreference;
const past = (to: string): Rule => ({ ...any, pref, to, table: undefined, goto: pref + 1 });
const known: Rule = { ...any, pref, table: mainTable, suppressPrefixLength: 0 };
const active: Rule = { ...any, pref, table: 100 };
const rest: Rule = { ...any, pref: pref + 1, table: mainTable };
const wanted = [past('192.0.2.0/24'), known, active, rest];

/** The rules that a kernel has afterwards, which puts each behind those of its preference. */
function after(desired: readonly Rule[], actual: readonly Rule[]): readonly Rule[] {
  const { moved, added, removed } = changedRules(desired, actual);
  const kept = actual.filter((rule) => !moved.includes(rule) && !removed.includes(rule));
  const all = [...kept, ...added];
  return all.toSorted((a, b) => a.pref - b.pref);
}

test('changedRules() adds the target of a goto first, and removes it last', () => {
  assert.deepEqual(changedRules(wanted, []), {
    moved: [],
    added: [rest, ...wanted.slice(0, 3)],
    removed: [],
  });
  assert.deepEqual(changedRules([], wanted), {
    moved: [],
    added: [],
    removed: [active, known, wanted[0], rest],
  });
  assert.deepEqual(changedRules(wanted, wanted), { moved: [], added: [], removed: [] });
});

test('changedRules() keeps the order of those that share the last preference', () => {
  for (const missing of wanted) {
    const actual = wanted.filter((rule) => rule !== missing);
    assert.deepEqual(after(wanted, actual), wanted, JSON.stringify(missing));
  }
  assert.deepEqual(after(wanted, wanted.toReversed()), wanted);
  const more = [past('198.51.100.0/24'), ...wanted];
  assert.deepEqual(after(more, wanted), more);
  assert.deepEqual(after(wanted, more), wanted);
});

test('changedRules() moves nothing but what must come after something new', () => {
  assert.deepEqual(changedRules(wanted, wanted.slice(0, 2)).moved, []);
  assert.deepEqual(changedRules(wanted, wanted.slice(1)).moved, [active, known]);
  const six = wanted.map((rule): Rule => ({ ...rule, family: 6 }));
  assert.deepEqual(changedRules([...wanted, ...six], [...six, ...wanted]).moved, []);
  const elsewhere = [10_770, 10_770].map((each, i): Rule => ({ ...any, pref: each, table: 101 + i }));
  assert.deepEqual(changedRules(elsewhere, elsewhere.toReversed()).moved, []);
});

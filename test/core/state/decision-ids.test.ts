import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../models/decision.ts';
import type { Event } from '../../../models/event.ts';
import { blank } from '../../../src/core/report/decisions.ts';
import { DecisionIds, modernise } from '../../../src/core/state/decision-ids.ts';
import { initial } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { check, exampleConfig, exampleLinks, failed, start } from '../example.ts';

const ids = (decisions: readonly Decision[]): string[] => decisions.map(({ id }) => id);

test('DecisionIds numbers the decisions of a millisecond, and tells sources apart', () => {
  const core = new DecisionIds();
  const given = [start, start + 0.4, start + 1].map((at) => core.assign({ at }).id);
  assert.deepEqual(given, ['loyw3v28-1', 'loyw3v28-2', 'loyw3v29-1']);
  assert.equal(new DecisionIds('d').assign({ at: start }).id, 'loyw3v28-d1');
});

test('DecisionIds gives no id twice, also when a decision comes late', () => {
  const core = new DecisionIds();
  const given = [start, start + 5, start, start + 5, start + 6].map((at) => core.assign({ at }).id);
  assert.equal(new Set(given).size, given.length, given.join(' '));
});

const dies: readonly Event[] = [
  { type: 'links', at: start, links: exampleLinks() },
  ...Array.from({ length: 60 }, (_, i) => check('fibre/4', i * 50, failed(), 10)),
  ...Array.from({ length: 10 }, (_, i) => check('lte/4', 4000 + i * 1000)),
  { type: 'config', at: start + 20_000, config: exampleConfig() },
];

test('step() gives ids that are links, unlike each other, and the same for the same events', () => {
  const run = (): readonly Decision[] => {
    const state = initial(exampleConfig(), start);
    return dies.flatMap((event) => step(state, event).decisions);
  };
  const first = run();
  assert.ok(first.length > 4);
  for (const id of ids(first)) assert.match(id, /^[a-z0-9-]{1,20}$/);
  assert.equal(new Set(ids(first)).size, first.length);
  assert.deepEqual(ids(run()), ids(first));
});

test('modernise() gives decisions of earlier versions the ids that a replay gives them, and the words of today', () => {
  const state = initial(exampleConfig(), start);
  const decisions = dies.flatMap((event) => step(state, event).decisions);
  const early = decisions.map(({ id: _, evidence: __, ...rest }) => rest);
  assert.deepEqual(ids(modernise(early)), ids(decisions));
  const conflict = { ...blank(start), kind: 'kernel', numbers: { kind: 'foreign' } } as const;
  const [life, kernel, known] = modernise([
    { ...blank(start), kind: 'life' },
    conflict,
    { id: 'mi5q2x3k-d1', ...conflict },
  ]);
  assert.equal(life?.kind, 'lifecycle');
  assert.deepEqual(life?.evidence, []);
  assert.deepEqual(kernel?.numbers, { kind: 'conflict' });
  assert.equal(known?.id, 'mi5q2x3k-d1');
  assert.deepEqual(modernise(decisions), decisions);
});

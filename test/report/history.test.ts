import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createHistory } from '../../src/report/history.ts';
import { exampleDecision } from './example.ts';

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => exampleDecision({ at: from + n }));

describe('createHistory()', () => {
  test('keeps the newest thousand, oldest first', () => {
    const history = createHistory();
    for (const decision of numbered(0, 1200)) history.add(decision);
    assert.deepEqual(history.list(), numbered(200, 1200));
  });

  test('goes on from what the store gave back', () => {
    const history = createHistory(JSON.parse(JSON.stringify(numbered(0, 5))), 3);
    assert.deepEqual(history.list(), numbered(2, 5));
    history.add(exampleDecision({ at: 5 }));
    assert.deepEqual(history.list(), numbered(3, 6));
  });

  test('folds repairs that follow each other closely into one, and nothing else', () => {
    const repair = (at: number, reason = 'ip x') =>
      exampleDecision({
        id: `r${at}`,
        at,
        kind: 'kernel',
        sentence: 'put back',
        reason,
        numbers: { kind: 'repaired' },
      });
    const history = createHistory();
    const add = (decision: ReturnType<typeof repair>): void => {
      if (!history.fold(decision)) history.add(decision);
    };
    for (let at = 0; at < 30_000; at += 1000) add(repair(at));
    add(exampleDecision({ at: 30_000 }));
    add(exampleDecision({ at: 30_001 }));
    add(repair(31_000, 'ip y'));
    add(repair(31_000 + 60_000));
    const [first, ...others] = history.list();
    assert.deepEqual([first?.id, first?.at, others.length], ['r0', 0, 3]);
    assert.deepEqual(first?.numbers, { kind: 'repaired', times: 31, lastAt: 31_000 });
    assert.equal(first?.reason, 'ip y');
    assert.equal(others.at(-1)?.reason, 'ip x');
  });

  test('folds reloads that follow each other, unless something else happened', () => {
    const history = createHistory();
    const reload = (at: number, sentence = 'configuration reloaded') => {
      const decision = exampleDecision({
        id: `c${at}`,
        at,
        kind: 'config',
        sentence,
        reason: '',
        numbers: {},
      });
      if (!history.fold(decision)) history.add(decision);
    };
    for (let at = 0; at < 500_000; at += 1000) reload(at);
    history.add(exampleDecision({ at: 500_000 }));
    reload(501_000);
    reload(502_000, 'not reloaded');
    const listed = history.list().map(({ id, numbers }) => [id, numbers['times'], numbers['lastAt']]);
    assert.deepEqual(listed, [
      ['c0', 500, 499_000],
      ['mi5q2x3k-1', undefined, undefined],
      ['c501000', undefined, undefined],
      ['c502000', undefined, undefined],
    ]);
  });

  test('gives lists that do not change later', () => {
    const history = createHistory(numbered(0, 1));
    const list = history.list();
    history.add(exampleDecision());
    assert.equal(list.length, 1);
  });
});

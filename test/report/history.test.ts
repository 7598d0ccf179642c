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

  test('gives lists that do not change later', () => {
    const history = createHistory(numbered(0, 1));
    const list = history.list();
    history.add(exampleDecision());
    assert.equal(list.length, 1);
  });
});

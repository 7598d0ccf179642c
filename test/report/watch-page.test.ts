import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit } from '../../src/report/watch-page.ts';

test('fit() keeps to the screen, however small, and says what is missing', () => {
  const lines = ['a', 'b', 'c', 'd'];
  assert.deepEqual(fit(lines, 5), lines);
  assert.deepEqual(fit(lines, 4), ['a', 'b', '(2 more lines: make the window taller)']);
  for (const rows of [0, 1, 2])
    assert.deepEqual(fit(lines, rows), ['(4 more lines: make the window taller)']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit } from '../../src/report/watch-page.ts';

test('fit() keeps to the screen, however small, and says how to leave and what is missing', () => {
  const lines = ['a', 'b', 'c', 'd'];
  assert.deepEqual(fit(lines, 5), { lines, hint: 'q ends this' });
  assert.deepEqual(fit(lines, 4), {
    lines: ['a', 'b', 'c'],
    hint: 'q ends this; 1 more line: make the window taller',
  });
  for (const rows of [0, 1]) assert.deepEqual(fit(lines, rows).lines, []);
});

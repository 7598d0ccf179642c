import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusLine } from '../../src/report/status-line.ts';
import { exampleSnapshot } from './example.ts';

test('statusLine() says what carries the traffic, the pin, and who is unreliable', () => {
  const line = statusLine(exampleSnapshot({ sticky: { id: 'fibre', until: undefined } }));
  assert.equal(line, 'IPv4 goes through fibre; pinned to fibre; lte is unreliable (IPv4)');
});

test('statusLine() says that nothing carries traffic', () => {
  const line = statusLine(exampleSnapshot({ active: { 4: [], 6: [] }, paths: [], sticky: undefined }));
  assert.equal(line, 'no provider carries traffic');
});

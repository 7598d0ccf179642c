import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from '../../models/message-of.ts';

test('messageOf() is the message of an error, and whatever else was thrown as text', () => {
  assert.equal(messageOf(new TypeError('no luck')), 'no luck');
  assert.equal(messageOf('no luck'), 'no luck');
  assert.equal(messageOf(undefined), 'undefined');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/config/nearest.ts';

const known = ['checkInterval', 'checkTimeout', 'gateway', 'tier', 'weight'];

test('nearest() finds slips of the finger, case and separators', () => {
  assert.equal(nearest('chekInterval', known), 'checkInterval');
  assert.equal(nearest('CHECK-TIMEOUT', known), 'checkTimeout');
  assert.equal(nearest('getaway', known), 'gateway');
  assert.equal(nearest('teir', ['tier']), undefined); // two of four letters differ
});

test('nearest() does not guess', () => {
  assert.equal(nearest('colour', known), undefined);
  assert.equal(nearest('', known), undefined);
  assert.equal(nearest('x'.repeat(10_000), known), undefined);
});

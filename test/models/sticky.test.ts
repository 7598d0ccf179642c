import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatSticky, parseSticky } from '../../models/sticky.ts';

const until = Date.parse('2026-11-20T15:00:00.000Z');

describe('parseSticky()', () => {
  for (const text of ['', '\n', '\r\n', '  \t\n\n', '\uFEFF', '\uFEFF\r\n']) {
    test(`takes ${JSON.stringify(text)} for nobody`, () => {
      assert.deepEqual(parseSticky(text), { sticky: undefined });
    });
  }

  for (const text of ['lte', 'lte\n', 'lte\r\n', '\uFEFFlte\r\n', '  lte \t\n\n']) {
    test(`reads ${JSON.stringify(text)} as a pin without end`, () => {
      assert.deepEqual(parseSticky(text), { sticky: { id: 'lte', until: undefined } });
    });
  }

  for (const time of ['2026-11-20T15:00:00.000Z', '2026-11-20T15:00Z', '2026-11-20T16:00:00+01:00']) {
    test(`reads a pin until ${time}`, () => {
      assert.deepEqual(parseSticky(`lte  until\t${time}\r\n`), { sticky: { id: 'lte', until } });
    });
  }

  for (const [text, problem] of [
    ['lte\nfibre\n', /more than one line/],
    ['lte\rfibre', /more than one line/],
    ['lte fibre', /several words/],
    ['lte until', /several words/],
    ['lte until 2026-11-20T15:00:00Z soon', /several words/],
    ['lte until tomorrow', /says until "tomorrow", which is not a time/],
    ['lte until 2026-11-20T15:00:00', /not a time with a zone/],
    ['lte until 2026-13-40T15:00:00Z', /not a time with a zone/],
    ['lte\0', /control characters/],
    ['\x1b[31mlte', /control characters/],
    ['../etc/passwd', /cannot be a provider's id/],
    ['$(reboot)', /cannot be a provider's id/],
    ['-x', /cannot be a provider's id/],
    ['x'.repeat(33), /cannot be a provider's id/],
    ['x'.repeat(4097), /more than 4096 bytes/],
    [' '.repeat(1 << 20), /more than 4096 bytes/],
  ] as const) {
    test(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      const reading = parseSticky(text);
      assert.ok('problem' in reading);
      assert.match(reading.problem, problem);
      assert.ok(reading.problem.length < 200, reading.problem);
    });
  }
});

describe('formatSticky()', () => {
  for (const sticky of [
    { id: 'lte', until: undefined },
    { id: 'lte', until },
  ]) {
    test(`writes what parseSticky() reads, ${sticky.until === undefined ? 'without' : 'with'} end`, () => {
      assert.deepEqual(parseSticky(formatSticky(sticky)), { sticky });
    });
  }

  test('ends the line', () => {
    assert.equal(formatSticky({ id: 'lte', until }), 'lte until 2026-11-20T15:00:00.000Z\n');
  });
});

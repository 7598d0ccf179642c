import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureDetail } from '../../models/test-result.ts';
import { legacyDetail } from '../../src/report/legacy-failure.ts';
import { readLine } from '../../src/report/recorded-line.ts';

/** Sentences as versions without codes recorded them. */
const recorded: readonly (readonly [string, FailureDetail])[] = [
  ['no answer within 50 ms', { code: 'no-answer', afterMs: 50 }],
  ['no answer from 1.1.1.1, 8.8.8.8 within 80 ms', { code: 'no-answer', afterMs: 80 }],
  ['timed out after 1000 ms while connecting to 1.2.3.4:80', { code: 'no-answer' }],
  ['timed out after 500 ms while waiting for 1.1.1.1 to answer for a.test (A)', { code: 'no-answer' }],
  ['timed out after 500 ms while reading the body from 1.2.3.4:80', { code: 'timeout' }],
  ['the gateway 10.1.1.2 did not answer ARP on eth1 within 90 ms', { code: 'no-answer' }],
  ['no route to 8.8.8.8 through eth1', { code: 'unreachable' }],
  ['10.0.0.1:80 cannot be reached through eth1: host unreachable', { code: 'unreachable' }],
  ['10.0.0.1:80 refused the connection', { code: 'refused' }],
  ['the certificate of a.test:443 (10.0.0.1) has expired', { code: 'tls' }],
  ['a packet of 1500 bytes does not get to 1.1.1.1, a small one does', { code: 'too-large' }],
  ['a.test does not exist, says 1.1.1.1 (NXDOMAIN)', { code: 'dns', answered: true }],
  ['a.test cannot be resolved: 1.1.1.1 answered SERVFAIL', { code: 'dns', answered: true }],
  [
    'a.test cannot be resolved: timed out after 90 ms while waiting for 1.1.1.1 to answer for a.test (A)',
    { code: 'dns', answered: false },
  ],
  [
    'status 302 to http://login.test/in?session=1: captive portal',
    { code: 'portal', location: 'http://login.test/in' },
  ],
  ['status 200 instead of 204: captive portal', { code: 'portal' }],
  ['killed after 950 ms: still waiting', { code: 'unfinished' }],
  ['status 500 instead of 2xx', { code: 'wrong-answer' }],
];

for (const [reason, detail] of recorded)
  test(`legacyDetail() of "${reason}"`, () => assert.deepEqual(legacyDetail(reason, false), detail));

test('legacyDetail() of what could not run', () => {
  assert.deepEqual(legacyDetail('no answer within 50 ms', true), { code: 'not-run' });
  const stalled = 'this process stood still for 5.0 s while it waited for an answer';
  assert.deepEqual(legacyDetail(stalled, true), { code: 'stalled' });
});

test('readLine() gives the failures of an old recording their codes, and leaves those that have one', () => {
  const line = readLine({
    type: 'check',
    at: 2,
    startedAt: 1,
    path: 'fibre/4',
    result: { ok: false, reason: 'no answer from 1.1.1.1 within 50 ms' },
    targets: [
      { target: 'ping 1.1.1.1', result: { ok: false, reason: 'interface eth1 is missing', notRun: true } },
      { target: 'own', result: { ok: false, code: 'rejected', reason: 'no answer within 50 ms' } },
      { target: 'ping 8.8.8.8', result: { ok: true, rttMs: 3 } },
    ],
  });
  assert.ok('event' in line && line.event.type === 'check');
  assert.deepEqual(line.event.result, {
    ok: false,
    code: 'no-answer',
    afterMs: 50,
    reason: 'no answer from 1.1.1.1 within 50 ms',
  });
  assert.deepEqual(
    line.event.targets.map(({ result }) => (result.ok ? 'ok' : result.code)),
    ['not-run', 'rejected', 'ok'],
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dns, exec, http, mtu, neighbour, ping, tcp } from '../../../models/config.ts';
import type { TargetResult } from '../../../models/event.ts';
import type { Fault } from '../../../models/layer.ts';
import type { FailureDetail, PlainCode } from '../../../models/test-result.ts';
import { brokenAt, faultOf } from '../../../src/probes/rounds/fault.ts';
import { failed as failure, noAnswer, notRun } from '../../../src/reach/failure.ts';

const scenarios = [
  ping('1.1.1.1'),
  ping('8.8.8.8'),
  ping('gateway'),
  neighbour(),
  tcp('1.1.1.1', 443),
  dns('a.test', { server: '1.1.1.1' }),
  http('http://a.test/'),
  mtu('1.1.1.1'),
  exec(['/opt/check']),
];

const passed = (target: string): TargetResult => ({ target, result: { ok: true, rttMs: 1 } });
/** Its reason says what it likes: nothing reads it. */
const failed = (
  target: string,
  code: PlainCode | FailureDetail,
  reason = 'no route to nowhere; x cannot be resolved: no answer within 5 ms; captive portal',
): TargetResult => ({ target, result: failure(code, reason) });
const silent = (target: string): TargetResult => ({ target, result: noAnswer(50) });

const dnsName = 'dns a.test @1.1.1.1';
const httpName = 'http http://a.test/';
const execName = 'exec /opt/check';
const dnsTimeout = failed(dnsName, 'no-answer');
const unresolved = failed(httpName, { code: 'dns', answered: false });
const portal = failed(httpName, { code: 'portal', location: 'http://login.test/in' });

const cases: readonly [string, readonly TargetResult[], Fault][] = [
  ['silence everywhere', [silent('ping 1.1.1.1'), dnsTimeout, unresolved], at('target')],
  ['a silent web server alone', [failed(httpName, 'no-answer')], at('target')],
  ['a program that does not end', [failed(execName, 'unfinished')], { ...at('target'), unfinished: true }],
  [
    'a program that does not end where nothing else answers',
    [failed(execName, 'unfinished'), silent('ping 1.1.1.1')],
    at('target'),
  ],
  ['a program that fails', [failed(execName, 'rejected')], at('target', 'answered')],
  ['no route to it', [failed('tcp 1.1.1.1:443', 'unreachable')], at('target')],
  ['a refusal', [failed('tcp 1.1.1.1:443', 'refused')], at('target', 'answered')],
  ['one of two targets', [passed('ping 1.1.1.1'), silent('ping 8.8.8.8')], at('target', 'beyond')],
  ['a gateway that answers no echo', [silent('ping gateway')], at('gateway')],
  [
    'a gateway that answers no ARP',
    [failed('neighbour', 'no-answer'), silent('ping 1.1.1.1')],
    at('gateway'),
  ],
  ['silence beyond a gateway that passes', [passed('ping gateway'), silent('ping 1.1.1.1')], at('target')],
  ['name servers while pings pass', [passed('ping 1.1.1.1'), dnsTimeout, unresolved], at('dns', 'beyond')],
  ['a name that a page needs', [passed('ping 1.1.1.1'), unresolved], at('dns', 'beyond')],
  ['a name that is denied', [failed(httpName, { code: 'dns', answered: true })], at('dns', 'answered')],
  ['a server that cannot say', [failed(dnsName, 'wrong-answer')], at('dns', 'answered')],
  [
    'a page while pings pass',
    [passed('ping 1.1.1.1'), failed(httpName, 'wrong-answer')],
    at('http', 'beyond', 'answered'),
  ],
  ['a login page', [portal], { ...at('http', 'answered'), portal: 'http://login.test/in' }],
  ['a login page without address', [failed(httpName, 'portal')], { ...at('http', 'answered'), portal: '' }],
  ['full size', [failed('mtu 1.1.1.1', 'too-large')], at('mtu', 'answered')],
];

function at(layer: Fault['layer'], ...more: readonly ('beyond' | 'answered')[]): Fault {
  return { layer, beyond: more.includes('beyond'), answered: more.includes('answered') };
}

describe('faultOf()', () => {
  for (const [what, targets, fault] of cases)
    test(`names the layer for ${what}`, () => assert.deepEqual(faultOf(targets, scenarios), fault));

  test('knows nothing of what could not run', () => {
    assert.equal(
      faultOf([{ target: 'ping 1.1.1.1', result: notRun('interface eth1 is missing') }], scenarios),
      undefined,
    );
    assert.equal(faultOf([passed('ping 1.1.1.1')], scenarios), undefined);
  });

  test('takes a scenario that says nothing of its layer for a target', () => {
    const own = { name: 'mine', families: [4], runTest: () => undefined } as never; // as an untyped configuration may
    assert.deepEqual(faultOf([failed('mine', 'rejected', 'queue is long')], [own]), at('target', 'answered'));
  });
});

describe('what a scenario is called and what its reason says', () => {
  const own = { name: 'ping x', families: [4], runTest: () => undefined } as never;
  const wall = failed('ping x', 'rejected', 'no route to the queue');

  test('do not make its failure silence', () => {
    assert.deepEqual(faultOf([wall], [own]), at('target', 'answered'));
  });

  test('do not make it DNS, nor a login page', () => {
    const claims = failed(
      'ping x',
      'rejected',
      'a.test cannot be resolved: status 302 to http://x/: captive portal',
    );
    assert.deepEqual(
      faultOf([passed('ping 1.1.1.1'), claims], [...scenarios, own]),
      at('target', 'beyond', 'answered'),
    );
  });
});

describe('brokenAt()', () => {
  test('names no layer of which something passed', () => {
    assert.equal(brokenAt([passed('ping 1.1.1.1'), silent('ping 8.8.8.8')], scenarios), undefined);
    assert.deepEqual(
      brokenAt([passed('ping 1.1.1.1'), silent('ping 8.8.8.8'), portal], scenarios)?.layer,
      'http',
    );
  });
});

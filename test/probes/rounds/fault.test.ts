import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dns, http, mtu, neighbour, ping, tcp } from '../../../models/config.ts';
import type { TargetResult } from '../../../models/event.ts';
import type { Fault } from '../../../models/layer.ts';
import { brokenAt, faultOf } from '../../../src/probes/rounds/fault.ts';
import { noAnswer, notRun } from '../../../src/reach/failure.ts';

const scenarios = [
  ping('1.1.1.1'),
  ping('8.8.8.8'),
  ping('gateway'),
  neighbour(),
  tcp('1.1.1.1', 443),
  dns('a.test', { server: '1.1.1.1' }),
  http('http://a.test/'),
  mtu('1.1.1.1'),
];

const passed = (target: string): TargetResult => ({ target, result: { ok: true, rttMs: 1 } });
const failed = (target: string, reason: string): TargetResult => ({ target, result: { ok: false, reason } });
const silent = (target: string): TargetResult => ({ target, result: noAnswer(50) });

const dnsName = 'dns a.test @1.1.1.1';
const httpName = 'http http://a.test/';
const dnsTimeout = failed(
  dnsName,
  'timed out after 500 ms while waiting for 1.1.1.1 to answer for a.test (A)',
);
const unresolved = failed(
  httpName,
  'a.test cannot be resolved: timed out after 500 ms while waiting for 1.1.1.1 to answer for a.test (A)',
);
const portal = failed(httpName, 'status 302 to http://login.test/in?session=1: captive portal');

const cases: readonly [string, readonly TargetResult[], Fault][] = [
  ['silence everywhere', [silent('ping 1.1.1.1'), dnsTimeout, unresolved], at('target')],
  [
    'a silent web server alone',
    [failed(httpName, 'timed out after 1000 ms while connecting to 1.2.3.4:80')],
    at('target'),
  ],
  ['no way to it', [failed('tcp 1.1.1.1:443', 'no route to 1.1.1.1:443 through eth1')], at('target')],
  ['a refusal', [failed('tcp 1.1.1.1:443', '1.1.1.1:443 refused the connection')], at('target', 'answered')],
  ['one of two targets', [passed('ping 1.1.1.1'), silent('ping 8.8.8.8')], at('target', 'beyond')],
  ['a gateway that answers no echo', [silent('ping gateway')], at('gateway')],
  [
    'a gateway that answers no ARP',
    [
      failed('neighbour', 'the gateway 10.1.1.2 did not answer ARP on eth1 within 90 ms'),
      silent('ping 1.1.1.1'),
    ],
    at('gateway'),
  ],
  ['silence beyond a gateway that passes', [passed('ping gateway'), silent('ping 1.1.1.1')], at('target')],
  ['name servers while pings pass', [passed('ping 1.1.1.1'), dnsTimeout, unresolved], at('dns', 'beyond')],
  ['a name that a page needs', [passed('ping 1.1.1.1'), unresolved], at('dns', 'beyond')],
  [
    'a name that is denied',
    [failed(httpName, 'a.test does not exist, says 1.1.1.1 (NXDOMAIN)')],
    at('dns', 'answered'),
  ],
  [
    'a server that cannot say',
    [failed(dnsName, '1.1.1.1 answered SERVFAIL for a.test (A)')],
    at('dns', 'answered'),
  ],
  [
    'a page while pings pass',
    [passed('ping 1.1.1.1'), failed(httpName, 'status 500 instead of 2xx')],
    at('http', 'beyond', 'answered'),
  ],
  ['a login page', [portal], { ...at('http', 'answered'), portal: 'http://login.test/in' }],
  [
    'a login page without address',
    [failed(httpName, 'status 200 instead of 204: captive portal')],
    { ...at('http', 'answered'), portal: '' },
  ],
  [
    'full size',
    [failed('mtu 1.1.1.1', 'a packet of 1500 bytes does not get to 1.1.1.1, a small one does')],
    at('mtu', 'answered'),
  ],
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
    assert.deepEqual(faultOf([failed('mine', 'queue is long')], [own]), at('target', 'answered'));
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

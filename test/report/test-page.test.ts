import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Tested, testPage } from '../../src/report/test-page.ts';
import { fibre } from './example.ts';

const look = { columns: 80, colour: false, unicode: false };
const probing = { means: 'ping sockets', reason: undefined };

const works: Tested = {
  path: 'fibre/4',
  interfaceName: 'eth1',
  binding: fibre.binding,
  layer: undefined,
  obstacle: undefined,
  gateway: { ok: true, rttMs: 0.31 },
  targets: [
    { target: 'ping 1.1.1.1', layer: 'target', result: { ok: true, rttMs: 12.07 } },
    { target: 'dns a.test', layer: 'dns', result: { ok: true, rttMs: 8 } },
  ],
  mtu: { target: '1.1.1.1', size: 1500, passes: true },
};

const page = (changes: Partial<Tested>): string[] => testPage([{ ...works, ...changes }], probing, look);

test('testPage() shows every layer from the bottom up', () => {
  assert.deepEqual(page({}), [
    'fibre/4',
    '  ok      carrier eth1',
    '  ok      address 10.10.1.1',
    '  ok      gateway 10.10.1.254 answers in 0.3 ms',
    '  passed  ping 1.1.1.1 12.1 ms',
    '  passed  dns a.test 8.0 ms',
    '  ok      path MTU a packet of 1500 bytes passes to 1.1.1.1',
    '  every layer works',
    'probing by ping sockets',
  ]);
});

test('testPage() names the first layer that broke, and what is known of it', () => {
  const gateway = {
    ok: false,
    code: 'no-answer',
    reason: 'the gateway 10.10.1.254 does not answer ARP',
  } as const;
  const { mtu: _, ...blind } = works;
  const result = { ok: false, code: 'no-answer', afterMs: 1000, reason: 'no answer within 1000 ms' } as const;
  const targets = [{ target: 'ping 1.1.1.1', layer: 'target', result }] as const;
  const lines = testPage(
    [{ ...blind, gateway, targets, layer: 'gateway', cause: gateway.reason }],
    probing,
    look,
  );
  assert.deepEqual(lines.slice(3, 7), [
    '  failed  gateway the gateway 10.10.1.254 does not answer ARP',
    '  failed  ping 1.1.1.1 no answer within 1000 ms',
    '  not run path MTU not measured: no target answered an echo',
    '  broke at: gateway, the gateway 10.10.1.254 does not answer ARP',
  ]);
});

test('testPage() shows no more than the obstacle where nothing could be asked', () => {
  const obstacle = 'address 10.10.1.1 is gone from eth1';
  assert.deepEqual(page({ binding: undefined, obstacle, layer: 'address', targets: [] }).slice(1, 4), [
    '  ok      carrier eth1',
    `  failed  cannot be checked: ${obstacle}`,
    `  broke at: address, ${obstacle}`,
  ]);
  const lost = page({ obstacle: 'interface eth1 has no carrier', layer: 'carrier', targets: [] });
  assert.equal(lost[1], '  failed  cannot be checked: interface eth1 has no carrier');
});

test('testPage() counts what did not pass where every layer works all the same', () => {
  const result = { ok: false, code: 'no-answer', afterMs: 1000, reason: 'no answer within 1000 ms' } as const;
  const targets = [...works.targets, { target: 'ping 8.8.8.8', layer: 'target', result }] as const;
  assert.ok(page({ targets }).includes('  every layer works, though 1 of 3 scenarios did not pass'));
});

test('testPage() remarks on a smaller path MTU, and on a device without gateway', () => {
  const lines = page({
    mtu: { target: '1.1.1.1', size: 1500, passes: false, largest: 1400 },
    gateway: { ok: false, code: 'not-run', reason: 'tun0 needs no gateway' },
    binding: fibre.binding && { ...fibre.binding, gateway: undefined },
  });
  assert.equal(lines[3], '  none    gateway eth1 needs none');
  assert.match(
    lines[6] ?? '',
    /^ {2}remark {2}path MTU packets of 1500 bytes vanish on the way, those of 1400 do/,
  );
  assert.equal(lines[7], '  every layer works');
});

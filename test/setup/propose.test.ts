import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefaultRoute, Link } from '../../models/link.ts';
import { mainTable } from '../../models/route.ts';
import { propose } from '../../src/setup/propose.ts';

function link(name: string, ...addresses: readonly string[]): Link {
  return {
    name,
    index: 2,
    up: true,
    carrier: true,
    pointToPoint: false,
    addresses: addresses.map((address) => ({
      family: address.includes(':') ? 6 : 4,
      address,
      prefixLength: 24,
      peer: undefined,
      scope: 'global',
      usable: true,
    })),
  };
}

function route(interfaceName: string, metric: number, rest: Partial<DefaultRoute> = {}): DefaultRoute {
  return {
    family: 4,
    table: mainTable,
    interfaceName,
    gateway: '10.0.0.254',
    metric,
    protocol: 'dhcp',
    ...rest,
  };
}

const ids = (text: string): string[] =>
  [...text.matchAll(/^ {4}\{ id: '([^']+)'/gm)].map((match) => match[1] ?? '');

test('propose() makes providers of devices with a default route, in the order of their metrics', () => {
  const links = [
    link('eth0', '10.0.0.1'),
    link('wwan0', '10.1.0.1'),
    link('lo'),
    link('docker0', '172.17.0.1'),
  ];
  const { text, remarks, usable } = propose(
    { links, defaults: [route('wwan0', 700), route('eth0', 600)] },
    [],
  );
  assert.deepEqual(ids(text), ['eth0', 'wwan0']);
  assert.match(text, /\/\/ 10\.0\.0\.1\/24, IPv4 by 10\.0\.0\.254 \(dhcp\)\n/);
  assert.match(text, /\/\/ 10\.1\.0\.1\/24, .*often metered\n/);
  assert.doesNotMatch(text, /docker|startMetric/);
  assert.deepEqual(remarks, ['providers found, the preferred one first: eth0, wwan0']);
  assert.ok(usable);
});

test('propose() avoids table numbers that others use', () => {
  const links = [link('eth0', '10.0.0.1'), link('eth1', '10.1.0.1')];
  const defaults = [route('eth0', 200), route('eth1', 300)];
  const { text } = propose({ links, defaults }, [{ id: 101, name: 'vpn' }]);
  assert.deepEqual(
    [...text.matchAll(/rtTableId: (\d+)/g)].map((match) => match[1]),
    ['102', '103'],
  );
});

test('propose() puts our routes into a table of their own where others would come before them', () => {
  const links = [link('eth0', '10.0.0.1'), link('eth1', '10.1.0.1')];
  for (const [metric, isBefore] of [
    [0, true],
    [77, true],
    [78, false],
    [100, false],
  ] as const) {
    const defaults = [route('eth0', metric), route('eth1', 700)];
    const { text, remarks } = propose({ links, defaults }, []);
    assert.equal(/^ {2}layout: 'table',$/m.test(text), isBefore, `metric ${metric}`);
    assert.equal(
      remarks.some((line) => line.includes(`through eth0 (dhcp) has metric ${metric}`)),
      isBefore,
    );
  }
});

test('propose() gives the active routes a table that nobody uses', () => {
  const links = [link('eth0', '10.0.0.1')];
  const taken = [
    { id: 100, name: 'isp1' },
    { id: 101, name: 'isp2' },
  ];
  const { text } = propose({ links, defaults: [route('eth0', 0)] }, taken);
  assert.match(text, /rtTableId: 102,/);
  assert.match(text, /^ {2}activeTableId: 103, \/\/ 100 is used by someone else$/m);
  assert.doesNotMatch(propose({ links, defaults: [route('eth0', 0)] }, []).text, /activeTableId/);
});

test('propose() lists devices without a default route as something to fill in', () => {
  const links = [link('eth0', '10.0.0.1'), link('eth1', '192.168.7.2')];
  const { text, remarks } = propose({ links, defaults: [route('eth0', 200)] }, []);
  assert.deepEqual(ids(text), ['eth0']);
  assert.match(text, /\/\/ eth1 has 192\.168\.7\.2\/24 but no default route\. .*\n {4}\/\/ \{ id: 'eth1'/);
  assert.match(remarks.join('\n'), /eth1 may be others/);
});

test('propose() asks for the gateways of devices in doubt, while there are fewer than two providers, and uses what it is told', () => {
  const links = [link('eth0', '10.0.0.1'), link('eth1', '192.168.7.2')];
  const defaults = [route('eth0', 200)];
  const { doubts } = propose({ links, defaults }, []);
  assert.deepEqual(
    doubts.map(({ interfaceName }) => interfaceName),
    ['eth1'],
  );
  assert.match(doubts[0]?.question ?? '', /^eth1 has 192\.168\.7\.2\/24 but no default route\. .* gateway/);
  const answered = propose({ links, defaults }, [], new Map([['eth1', '192.168.7.1']]));
  assert.deepEqual(ids(answered.text), ['eth0', 'eth1']);
  assert.match(answered.text, /interfaceName: 'eth1', gateway: '192\.168\.7\.1', rtTableId: 102/);
  assert.deepEqual(answered.doubts, []);
  const enough = { links: [...links, link('eth2', '10.2.0.1')], defaults: [...defaults, route('eth2', 300)] };
  assert.deepEqual(propose(enough, []).doubts, []);
});

test('propose() is not usable where no device leads to the internet', () => {
  const { usable, remarks } = propose({ links: [link('eth0', '10.0.0.1')], defaults: [] }, []);
  assert.equal(usable, false);
  assert.match(remarks.join('\n'), /no device has a default route.*fill in config\.ts/);
});

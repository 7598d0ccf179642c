import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Addressing } from '../../../models/checked-provider.ts';
import type { Layer } from '../../../models/layer.ts';
import type { DefaultRoute, Link, Links } from '../../../models/link.ts';
import type { Family } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import { type Bound, bind } from '../../../src/core/binding/binding.ts';
import type { Remembered } from '../../../src/core/state/memory.ts';
import { auto, exampleAddress, exampleDefault, exampleLink, exampleProvider, none } from '../example.ts';

const both = exampleProvider(0, { addressing: { 4: auto, 6: auto } });

function provider(family: Family, addressing: Partial<Addressing>): Provider {
  const other = family === 4 ? { 6: none } : { 4: none };
  return exampleProvider(0, {
    addressing: { 4: auto, 6: auto, ...other, [family]: { ...auto, ...addressing } },
  });
}

interface Scene {
  readonly provider?: Provider;
  readonly family?: Family;
  readonly link?: Partial<Link> | 'missing';
  readonly defaults?: readonly DefaultRoute[];
  readonly remembered?: Remembered;
}

const gateway6 = exampleDefault(0, { family: 6, gateway: 'fe80::1', protocol: 'ra' });

function bound({ provider, family = 4, link = {}, defaults, remembered }: Scene): Bound {
  const links: Links = {
    links: link === 'missing' ? [] : [exampleLink(0, link)],
    defaults: defaults ?? [exampleDefault(0), gateway6],
  };
  return bind(provider ?? both, family, links, remembered);
}

const remembered: Remembered = { address: '10.10.1.1', network: '10.10.1.0/24', gateway: '10.10.1.254' };

const expected4 = {
  interfaceName: 'eth1',
  interfaceIndex: 11,
  address: '10.10.1.1',
  network: '10.10.1.0/24',
  gateway: '10.10.1.254',
};

test('bind() reads address, network and gateway from the kernel', () => {
  assert.deepEqual(bound({}), {
    expected: true,
    binding: expected4,
    obstacle: undefined,
    layer: undefined,
  });
  assert.deepEqual(bound({ family: 6 }).binding, {
    ...expected4,
    address: '2001:db8:1::1',
    network: '2001:db8:1::/64',
    gateway: 'fe80::1',
  });
});

test('bind() takes what is configured instead, and needs no foreign default route then', () => {
  const own = provider(4, { address: '10.10.1.1', network: '10.10.0.0/16', gateway: '10.10.9.9' });
  const { binding, obstacle } = bound({ provider: own, defaults: [] });
  assert.deepEqual(binding, { ...expected4, network: '10.10.0.0/16', gateway: '10.10.9.9' });
  assert.equal(obstacle, undefined);
});

test('bind() prefers the gateway in main, then the lowest metric, of its own device and family', () => {
  const defaults = [
    exampleDefault(0, { gateway: '10.10.1.5', metric: 20 }),
    exampleDefault(0, { gateway: '10.10.1.4', metric: 10 }),
    exampleDefault(0, { gateway: '10.10.1.3', metric: 1, table: 77 }),
    exampleDefault(1, { gateway: '10.10.2.254', metric: 0 }),
    exampleDefault(0, { gateway: undefined, metric: 0 }),
  ];
  assert.equal(bound({ defaults }).binding?.gateway, '10.10.1.4');
  assert.equal(bound({ defaults: defaults.slice(2) }).binding?.gateway, '10.10.1.3');
});

test('bind() remembers the gateway when the foreign default vanishes, while the network is the same', () => {
  assert.equal(bound({ defaults: [], remembered }).binding?.gateway, '10.10.1.254');
  const moved = bound({ defaults: [], remembered: { ...remembered, network: '10.99.0.0/24' } });
  assert.deepEqual(moved, {
    expected: true,
    binding: undefined,
    obstacle: 'no IPv4 gateway is known for eth1',
    layer: 'gateway',
  });
});

test('bind() lets a gateway that is told win over a remembered one', () => {
  const defaults = [exampleDefault(0, { gateway: '10.10.1.7' })];
  assert.equal(bound({ defaults, remembered }).binding?.gateway, '10.10.1.7');
});

test('bind() needs no gateway on a point-to-point device, nor where none is configured', () => {
  const addresses = [exampleAddress('10.8.0.2', 32, { peer: '10.8.0.1' })];
  const tunnel = bound({ link: { pointToPoint: true, addresses }, defaults: [] });
  assert.deepEqual(tunnel.binding, {
    ...expected4,
    address: '10.8.0.2',
    network: undefined,
    gateway: undefined,
  });
  const bare = bound({ provider: provider(4, { gateway: 'none' }), defaults: [exampleDefault(0)] });
  assert.equal(bare.binding?.gateway, undefined);
  assert.equal(bare.obstacle, undefined);
});

test('bind() names no connected network for a lone address', () => {
  const addresses = [exampleAddress('10.8.0.2', 32)];
  assert.equal(bound({ link: { addresses } }).binding?.network, undefined);
});

const obstacles: readonly [string, Scene, string, Layer][] = [
  ['a missing device', { link: 'missing' }, 'interface eth1 is missing', 'carrier'],
  ['a device that is down', { link: { up: false } }, 'interface eth1 is down', 'carrier'],
  ['no address', { link: { addresses: [] } }, 'interface eth1 has no IPv4 address', 'address'],
  [
    'only unusable addresses',
    { link: { addresses: [exampleAddress('169.254.1.1', 16, { scope: 'link' })] } },
    'interface eth1 has no IPv4 address',
    'address',
  ],
  [
    'a configured address that is gone',
    { provider: provider(4, { address: '10.10.1.9' }) },
    'address 10.10.1.9 is gone from eth1',
    'address',
  ],
  ['no gateway', { defaults: [] }, 'no IPv4 gateway is known for eth1', 'gateway'],
];

for (const [what, scene, obstacle, layer] of obstacles) {
  test(`bind() finds an obstacle and no binding with ${what}`, () => {
    assert.deepEqual(bound(scene), {
      expected: true,
      binding: undefined,
      obstacle,
      layer,
    });
  });
}

test('bind() keeps the binding without carrier: the routes stay', () => {
  assert.deepEqual(bound({ link: { carrier: false } }), {
    expected: true,
    binding: expected4,
    obstacle: 'interface eth1 has no carrier',
    layer: 'carrier',
  });
});

test('bind() prefers the IPv6 address whose network holds the gateway', () => {
  const addresses = [exampleAddress('2001:db8:a::1', 64), exampleAddress('2001:db8:b::1', 64)];
  const through = (gateway: string): string | undefined =>
    bound({ family: 6, link: { addresses }, defaults: [{ ...gateway6, gateway }] }).binding?.address;
  assert.equal(through('2001:db8:b::ff'), '2001:db8:b::1');
  assert.equal(through('2001:db8:a::ff'), '2001:db8:a::1');
  assert.equal(through('fe80::1'), '2001:db8:a::1');
});

test('bind() passes over link-local, tentative, deprecated and temporary IPv6 addresses', () => {
  const addresses = [
    exampleAddress('fe80::11', 64, { scope: 'link' }),
    exampleAddress('2001:db8:1::dead', 64, { usable: false }),
    exampleAddress('2001:db8:1::1', 64),
  ];
  assert.equal(bound({ family: 6, link: { addresses } }).binding?.address, '2001:db8:1::1');
  assert.equal(bound({ family: 6, link: { addresses: addresses.slice(0, 2) } }).binding, undefined);
});

test('bind() expects IPv4 of every provider but one that has IPv6 only', () => {
  const addresses = [exampleAddress('2001:db8:1::1', 64)];
  assert.deepEqual(bound({ link: { addresses } }).expected, false);
  assert.equal(bound({ family: 6, link: { addresses } }).expected, true);
  assert.equal(bound({ link: { addresses }, remembered }).expected, true, 'it had IPv4 before');
  assert.equal(bound({ link: { addresses: [] } }).expected, true, 'it has neither');
  const configured = provider(4, { address: '10.10.1.1' });
  assert.equal(bound({ provider: configured, link: { addresses } }).expected, true);
});

test('bind() expects IPv6 only of a provider that has, had or is configured to have it', () => {
  const addresses = [exampleAddress('10.10.1.1', 24)];
  assert.equal(bound({ family: 6, link: { addresses } }).expected, false);
  const had = { address: '2001:db8:1::1', network: '2001:db8:1::/64', gateway: 'fe80::1' };
  const gone = bound({ family: 6, link: { addresses }, remembered: had });
  assert.deepEqual([gone.expected, gone.obstacle], [true, 'interface eth1 has no IPv6 address']);
  const configured = provider(6, { address: '2001:db8:1::1' });
  assert.equal(bound({ family: 6, provider: configured, link: { addresses } }).expected, true);
});

test('bind() binds nothing of a disabled provider, nor a family that is not there', () => {
  const nothing = { expected: false, binding: undefined, obstacle: undefined, layer: undefined };
  assert.deepEqual(bound({ provider: exampleProvider(0, { enabled: false }) }), nothing);
  assert.deepEqual(bound({ family: 6, provider: exampleProvider(0) }), nothing);
});

test('bind() takes no address of this machine for its gateway', () => {
  const own = provider(4, { gateway: '10.10.1.1' });
  assert.equal(
    bound({ provider: own }).obstacle,
    "10.10.1.1 is this machine's own address on eth1, no gateway",
  );
});

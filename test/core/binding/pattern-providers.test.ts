import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import type { Link, Links } from '../../../models/link.ts';
import type { DevicePattern } from '../../../models/provider.ts';
import { expand } from '../../../src/core/binding/pattern-providers.ts';
import { memoryOf } from '../../../src/core/state/memory-of.ts';
import { initial, type State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { auto, exampleAddress, exampleConfig, exampleProvider, start } from '../example.ts';

function pattern(interfaceName: string, more: Partial<DevicePattern> = {}): DevicePattern {
  const template = exampleProvider(9, {
    id: 'template',
    interfaceName,
    rtTableId: 1001,
    tier: 1,
    mark: 0x03000000,
  });
  return {
    idPrefix: undefined,
    place: 1,
    template: { ...template, addressing: { 4: auto, 6: auto } },
    ...more,
  };
}

function config(...patterns: readonly DevicePattern[]): Config {
  return exampleConfig({ providers: [exampleProvider(0), exampleProvider(1)], patterns });
}

function link(name: string, more: Partial<Link> = {}): Link {
  const index = [...name].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7) % 10_000;
  const addresses = [exampleAddress(`10.${index % 200}.0.1`, 24)];
  return { name, index, up: true, carrier: true, pointToPoint: false, addresses, ...more };
}

function links(names: readonly (string | Link)[], leading = names): Links {
  const list = names.map((each) => (typeof each === 'string' ? link(each) : each));
  const known = new Set(leading.map((each) => (typeof each === 'string' ? each : each.name)));
  const defaults = list
    .filter(({ name }) => known.has(name))
    .map(({ name, addresses }) => ({
      ...({ family: 4, table: 254, interfaceName: name, metric: 5000, protocol: 'dhcp' } as const),
      gateway: addresses[0]?.address.replace(/1$/, '254'),
    }));
  return { links: list, defaults };
}

function found(
  written: Config,
  present: Links,
  {
    numbers = new Map(),
    members = new Set(),
  }: { numbers?: ReadonlyMap<string, number>; members?: ReadonlySet<string> } = {},
): readonly string[] {
  const { providers } = expand(written, { links: present, numbers, members }).config;
  return providers.map(({ id, rtTableId, mark }) => `${id} ${rtTableId} ${mark / 0x01000000}`);
}

test('expand() makes providers of the devices that match, at the place of their pattern', () => {
  assert.deepEqual(found(config(pattern('wan*')), links(['wan10', 'eth1', 'wan2', 'lan0'])), [
    'fibre 101 1',
    'wan2 1001 3',
    'wan10 1002 4',
    'lte 102 2',
  ]);
  assert.deepEqual(
    found(config(pattern('w?n', { idPrefix: 'up', place: 2 })), links(['wan', 'wan1', 'w.n'])),
    ['fibre 101 1', 'lte 102 2', 'up-w.n 1001 3', 'up-wan 1002 4'],
  );
});

test('expand() leaves out what is internal, and what a provider names itself', () => {
  const bridge = link('wbr', { kind: 'bridge' });
  const present = links(['lo', 'veth1', 'docker0', 'br-1a', 'virbr0', 'tap3', 'eth1', 'eth5', bridge]);
  assert.deepEqual(found(config(pattern('auto')), present), ['fibre 101 1', 'eth5 1001 3', 'lte 102 2']);
  assert.deepEqual(found(config(pattern('w*')), present), ['fibre 101 1', 'lte 102 2']);
});

test("expand() takes for 'auto' what has a default route, or was a provider before", () => {
  const present = links(['eth5', 'eth6', 'eth7'], ['eth5']);
  assert.equal(found(config(pattern('auto')), present).join(), 'fibre 101 1,eth5 1001 3,lte 102 2');
  assert.equal(
    found(config(pattern('auto')), present, { members: new Set(['eth6']) }).join(),
    'fibre 101 1,eth5 1001 3,eth6 1002 4,lte 102 2',
  );
});

test('expand() keeps the numbers it gave, and gives none twice', () => {
  const numbers = new Map([
    ['wan9', 0],
    ['gone', 1],
  ]);
  assert.deepEqual(found(config(pattern('wan*')), links(['wan1', 'wan9']), { numbers }).slice(1, 3), [
    'wan1 1003 5',
    'wan9 1001 3',
  ]);
  const inTheWay = config(pattern('wan*'));
  const taken = { ...inTheWay, providers: [exampleProvider(0, { rtTableId: 1001 })] };
  assert.deepEqual(found(taken, links(['wan1'])), ['fibre 1001 1', 'wan1 1002 4']);
});

test('expand() gives no member a mark that a provider of the list has', () => {
  const written = { ...config(pattern('wan*')), providers: [exampleProvider(0, { mark: 0x03000000 })] };
  assert.deepEqual(found(written, links(['wan1'])), ['fibre 101 3', 'wan1 1002 4']);
});

test('expand() gives away the marks of devices that are gone when no other is left', () => {
  const numbers = new Map(Array.from({ length: 253 }, (_, number) => [`wan${100 + number}`, number]));
  const present = links(['wan1', 'wan352']);
  const { config: expanded, numbers: given } = expand(config(pattern('wan*')), {
    links: present,
    numbers,
    members: new Set(),
  });
  assert.deepEqual(
    expanded.providers.map(({ id, mark }) => `${id} ${mark / 0x01000000}`),
    ['fibre 1', 'wan1 3', 'wan352 255', 'lte 2'],
  );
  assert.deepEqual([...given.keys()].sort(), ['wan1', 'wan352']);
});

test('expand() gives a device its own id where another has it', () => {
  const written = { ...config(pattern('wan*')), providers: [exampleProvider(0, { id: 'wan1' })] };
  const { providers } = expand(written, {
    links: links(['wan1']),
    numbers: new Map(),
    members: new Set(),
  }).config;
  assert.equal(new Set(providers.map(({ id }) => id)).size, 2);
});

function began(present: Links, memory?: ReturnType<typeof memoryOf>): State {
  const state = initial(config(pattern('wan*')), start, memory);
  step(state, { type: 'links', at: start, links: present });
  return state;
}

test('step() has members come and go with their devices, and says so', () => {
  const state = began(links(['wan1', 'wan2']));
  assert.deepEqual([...state.paths.keys()].filter((key) => key.startsWith('wan')).length, 4);
  const { decisions: gone } = step(state, { type: 'links', at: start + 1000, links: links(['wan2']) });
  assert.equal(state.paths.has('wan1/4'), false);
  const said = gone.map(({ sentence, reason }) => `${sentence}: ${reason}`).join('\n');
  assert.match(said, /wan1 \(IPv4\) is down: interface wan1 is missing/);
  assert.match(said, /wan1 is no longer a provider: interface wan1 is gone/);
  const { decisions: back } = step(state, {
    type: 'links',
    at: start + 2000,
    links: links(['wan1', 'wan2']),
  });
  assert.match(back.map(({ sentence }) => sentence).join('\n'), /wan1 is a provider now/);
  assert.equal(state.paths.get('wan1/4')?.provider.rtTableId, 1001);
});

test('memoryOf() keeps numbers and what was found of members for the next run', () => {
  const first = began(links(['wan1', 'wan2']));
  step(first, {
    type: 'check',
    at: start + 10,
    startedAt: start,
    path: 'wan2/4',
    result: { ok: true, rttMs: 5 },
    targets: [],
  });
  step(first, { type: 'links', at: start + 20, links: links(['wan2']) });
  const second = began(links(['wan1', 'wan2']), memoryOf(first));
  assert.equal(second.paths.get('wan2/4')?.provider.rtTableId, 1002);
  assert.equal(second.paths.get('wan2/4')?.window.samples, 1);
});

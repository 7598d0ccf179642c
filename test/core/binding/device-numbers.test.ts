import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import type { Links } from '../../../models/link.ts';
import type { DevicePattern, Provider } from '../../../models/provider.ts';
import { expand } from '../../../src/core/binding/pattern-providers.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import { diff } from '../../../src/core/routes/diff.ts';
import { recoverMemory } from '../../../src/core/start.ts';
import { initial, type State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import { exampleConfig, exampleLink, exampleProvider, start } from '../example.ts';

function pattern(interfaceName: string, rtTableId: number): DevicePattern {
  const template = exampleProvider(9, { id: 'template', interfaceName, rtTableId, mark: 0x02000000 });
  return { idPrefix: undefined, place: 1, template };
}

function config(...patterns: readonly DevicePattern[]): Config {
  return exampleConfig({ providers: [exampleProvider(0)], patterns });
}

function links(...names: readonly string[]): Links {
  const links = names.map((name, i) => exampleLink(i + 1, { name }));
  const defaults = names.map((interfaceName, i) => ({
    ...({ family: 4, table: 254, interfaceName, metric: 5000, protocol: 'dhcp' } as const),
    gateway: `10.10.${i + 2}.254`,
  }));
  return { links, defaults };
}

function began(written: Config, present: Links, memory?: Parameters<typeof initial>[2]): State {
  const state = initial(written, start, memory);
  step(state, { type: 'links', at: start, links: present });
  return state;
}

const tables = ({ config: { providers } }: { config: Config }): Record<string, number> =>
  Object.fromEntries(providers.map(({ id, rtTableId }) => [id, rtTableId]));

test('a start without a memory finds the tables of each pattern again, and has nothing to change', () => {
  for (const patterns of [
    [pattern('wan*', 300), pattern('wwan*', 600)],
    [pattern('wwan*', 600), pattern('wan*', 300)],
    [pattern('wwan*', 600), pattern('auto', 300)],
    [pattern('auto', 600), pattern('wan*', 300)],
  ]) {
    const present = links('wan0', 'wan1', 'wwan0');
    const first = began(config(...patterns), present);
    const own = desired(first);
    assert.ok(own !== undefined && own.routes.length > 6);
    const again = began(
      config(...patterns),
      present,
      recoverMemory(config(...patterns), own, present, undefined),
    );
    assert.deepEqual(tables(again), tables(first));
    const wanted = desired(again);
    assert.deepEqual(wanted && diff(wanted, own), []);
  }
});

/** Tables and marks that two providers have. */
function shared(providers: readonly Provider[]): readonly number[] {
  return [providers.map(({ rtTableId }) => rtTableId), providers.map(({ mark }) => mark)].flatMap((values) =>
    values.filter((value, i) => values.indexOf(value) !== i),
  );
}

test('expand() gives no table and no mark twice, however near the tables of patterns are, in whatever order devices come', () => {
  const names = ['wan0', 'wwan0', 'wan1', 'wan2', 'wwan1', 'wan3'];
  for (const second of [301, 302, 303, 304]) {
    const other = pattern('wwan*', second);
    const template = { ...other.template, mark: 0x03000000 };
    const written = config(pattern('wan*', 300), { ...other, template });
    let numbers: ReadonlyMap<string, number> = new Map();
    for (let count = 1; count <= names.length; count += 1) {
      const present = links(...names.slice(0, count));
      const expanded = expand(written, { links: present, numbers, members: new Set() });
      assert.deepEqual(shared(expanded.config.providers), [], `${second}: ${names.slice(0, count)}`);
      numbers = expanded.numbers;
    }
  }
});

test('expand() gives a device no table and no mark of a range nearby', () => {
  const range = Array.from({ length: 10 }, (_, i) =>
    exampleProvider(i, { id: `vpn-${i}`, interfaceName: 'eth1', rtTableId: 302 + i }),
  );
  const written = exampleConfig({ providers: range, patterns: [pattern('wan*', 300)] });
  const names = ['wan0', 'wan1', 'wan2', 'wan3'];
  const { config: expanded } = expand(written, {
    links: links(...names),
    numbers: new Map(),
    members: new Set(),
  });
  assert.equal(expanded.providers.length, 14);
  assert.deepEqual(shared(expanded.providers), []);
});

test('expand() parts devices that an earlier version gave one table', () => {
  const written = config(pattern('wan*', 300), pattern('wwan*', 301));
  const numbers = new Map([
    ['wan0', 1],
    ['wwan0', 0],
  ]);
  const { config: expanded } = expand(written, {
    links: links('wan0', 'wwan0'),
    numbers,
    members: new Set(),
  });
  assert.deepEqual(shared(expanded.providers), []);
});

test('expand() keeps the place of a device that is away for it', () => {
  const written = config(pattern('wan*', 300), pattern('wwan*', 301));
  const first = expand(written, { links: links('wwan0'), numbers: new Map(), members: new Set() });
  assert.equal(tables(first)['wwan0'], 301);
  const others = expand(written, {
    links: links('wan0', 'wan1'),
    numbers: first.numbers,
    members: new Set(),
  });
  assert.ok(!Object.values(tables(others)).includes(301));
  const back = expand(written, {
    links: links('wan0', 'wan1', 'wwan0'),
    numbers: others.numbers,
    members: new Set(),
  });
  assert.equal(tables(back)['wwan0'], 301);
});

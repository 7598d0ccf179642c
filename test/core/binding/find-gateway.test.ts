import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Links } from '../../../models/link.ts';
import { desired } from '../../../src/core/routes/desired.ts';
import { spellRoute } from '../../../src/core/routes/spell.ts';
import { recoverMemory } from '../../../src/core/start.ts';
import { memoryOf } from '../../../src/core/state/memory-of.ts';
import { initial, type State } from '../../../src/core/state/state.ts';
import { step } from '../../../src/core/step.ts';
import {
  auto,
  exampleConfig,
  exampleDefault,
  exampleLink,
  exampleProvider,
  exampleState,
  none,
  pathOf,
  start,
} from '../example.ts';

const config = exampleConfig({ providers: [exampleProvider(0)] });
const direct = exampleDefault(0, { gateway: undefined, metric: 700, protocol: 'static' });

function links(...defaults: Links['defaults']): Links {
  return { links: [exampleLink(0)], defaults };
}

const bound = (state: State) => {
  const { binding, obstacle } = pathOf(state, 'fibre');
  return obstacle ?? (binding?.gateway === undefined ? 'direct' : binding.gateway);
};

test('a default route without a gateway is believed, as modems have them', () => {
  const state = exampleState(config, links(direct));
  assert.equal(bound(state), 'direct');
  assert.deepEqual(
    desired(state)?.routes.map((route) => spellRoute(route).join(' ')),
    [
      '10.10.1.0/24 dev eth1 src 10.10.1.1 scope link table 101 proto 77',
      'default dev eth1 src 10.10.1.1 scope link table 101 proto 77',
      'unreachable default table 101 metric 4294967294 proto 77',
      'default dev eth1 src 10.10.1.1 scope link metric 100 proto 77',
    ],
  );
});

test('one with a gateway comes first, whatever its metric', () => {
  assert.equal(bound(exampleState(config, links(direct, exampleDefault(0)))), '10.10.1.254');
});

test('that there was no gateway is remembered when the route vanishes, also across a restart', () => {
  const state = exampleState(config, links(direct));
  step(state, { type: 'links', at: start + 1000, links: links() });
  assert.equal(bound(state), 'direct');
  const memory = JSON.parse(JSON.stringify(memoryOf(state)));
  const next = initial(config, start + 2000, memory);
  step(next, { type: 'links', at: start + 2000, links: links() });
  assert.equal(bound(next), 'direct');
  const own = desired(state) ?? { routes: [], rules: [] };
  const found = initial(config, start, recoverMemory(config, own, links(), undefined));
  step(found, { type: 'links', at: start, links: links() });
  assert.equal(bound(found), 'direct', 'found in our own table');
});

test('it is not remembered in another network, nor for an entry that needs a gateway', () => {
  const unknown = 'no IPv4 gateway is known for eth1';
  const state = exampleState(config, links(direct));
  const [moved] = links().links.map((link) => ({
    ...link,
    addresses: link.addresses.map((each) => ({ ...each, address: '10.99.1.1' })),
  }));
  if (moved) step(state, { type: 'links', at: start + 1000, links: { links: [moved], defaults: [] } });
  assert.equal(bound(state), unknown);
  const without = exampleProvider(0, { addressing: { 4: { ...auto, gateway: 'none' }, 6: none } });
  const own = exampleState(exampleConfig({ providers: [without] }), links());
  assert.equal(bound(own), 'direct');
  step(own, { type: 'config', at: start + 1000, config });
  assert.equal(bound(own), unknown, 'what was configured once is no route that was seen');
});

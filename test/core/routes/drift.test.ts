import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefaultRoute } from '../../../models/link.ts';
import { drift } from '../../../src/core/routes/drift.ts';
import { initial } from '../../../src/core/state/state.ts';
import { exampleConfig, exampleDefault, exampleLinks, exampleState, start } from '../example.ts';

function driftWith(...defaults: readonly DefaultRoute[]): readonly string[] {
  const links = exampleLinks();
  return drift(exampleState(exampleConfig(), { ...links, defaults: [...links.defaults, ...defaults] }));
}

test('drift() has nothing to say while no foreign default is at or under startMetric', () => {
  assert.deepEqual(driftWith(exampleDefault(1, { metric: 101 })), []);
  assert.deepEqual(driftWith(exampleDefault(1, { metric: 5, table: 9 })), []);
  assert.deepEqual(drift(initial(exampleConfig(), start)), []);
});

test('drift() names a foreign default that prevails over the choice, and the remedy', () => {
  assert.deepEqual(driftWith(exampleDefault(1, { metric: 10 })), [
    "IPv4 default via 10.10.2.254 dev eth2 metric 10 (proto dhcp) is not ours and prevails over fibre: remove it, give it a metric above 100, set startMetric below it, or set layout: 'table'",
  ]);
});

test('drift() tells a foreign default that agrees with the choice that it will not follow', () => {
  const [sentence] = driftWith(exampleDefault(0, { metric: 0, protocol: 'boot' }));
  assert.equal(
    sentence,
    "IPv4 default via 10.10.1.254 dev eth1 metric 0 (proto boot) is not ours and prevails; it agrees with our choice now, but will not follow a failover: remove it, give it a metric above 100, set startMetric below it, or set layout: 'table'",
  );
});

test('drift() names one without gateway, and one at our very metric', () => {
  const sentences = driftWith(
    exampleDefault(2, { metric: 0, gateway: undefined }),
    exampleDefault(1, { metric: 100 }),
  );
  assert.match(sentences[0] ?? '', /^IPv4 default dev eth3 metric 0 \(proto dhcp\) .* over fibre/);
  assert.match(sentences[1] ?? '', /metric 100 /);
});

test('drift() knows that zebra prefers every default of the kernel to a static route, but for the worst metrics', () => {
  const config = { ...exampleConfig(), frr: { pathspace: undefined, tag: 77 } };
  const links = exampleLinks();
  const sentences = (metric: number): readonly string[] => {
    const defaults = [...links.defaults, exampleDefault(1, { metric })];
    const known = drift(exampleState(config, { ...links, defaults }));
    return known.filter((sentence) => sentence.includes(`metric ${metric} `));
  };
  assert.match(sentences(1024)[0] ?? '', /is not ours and prevails over fibre, as zebra prefers it/);
  assert.deepEqual(sentences(100 * 2 ** 24), []);
});

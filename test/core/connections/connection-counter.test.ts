import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionCounter } from '../../../src/core/connections/connection-counter.ts';
import { exampleConfig, exampleState } from '../example.ts';

test('ConnectionCounter counts by our bits of the mark; what came in is not stranded, echoes are none', () => {
  const state = exampleState(exampleConfig({ connectionMarks: true }));
  state.newTraffic = { 4: ['fibre'], 6: [] };
  const counter = new ConnectionCounter(state, 4);
  const add = (mark: number, protocol = 'tcp', to = '1.1.1.1'): void =>
    counter.add({ protocol, mark, original: { to } });
  add(0x01000000);
  add(0x01000042, 'udp');
  add(0x01000000, 'icmp');
  add(0x02000000);
  add(0x02000000, 'tcp', '10.10.2.1');
  add(0x42);
  assert.deepEqual(Object.fromEntries(counter.counts()), {
    'fibre/4': { count: 2, stranded: 0 },
    'lte/4': { count: 2, stranded: 1 },
    'dsl/4': { count: 0, stranded: 0 },
  });
});

import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connections } from '../../src/daemon/connections.ts';
import { hasTable } from '../../src/kernel/nft-table.ts';
import { exampleConfig, exampleState } from '../core/example.ts';

test('remove() takes the table away also while it is being loaded', async () => {
  const connections = new Connections({ report: () => undefined, note: () => undefined });
  const state = exampleState(exampleConfig({ connectionMarks: true }));
  connections.follow(state, Promise.resolve(), []);
  await connections.remove();
  assert.equal(await hasTable(), false);
});

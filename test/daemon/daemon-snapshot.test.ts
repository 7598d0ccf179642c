import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../models/decision.ts';
import { daemonSnapshot, type Facts, withConnections } from '../../src/daemon/daemon-snapshot.ts';
import { exampleState, warmUp } from '../core/example.ts';
import { exampleDecision } from '../report/example.ts';

const echo: Facts['echo'] = {
  ...{ means: 'ping sockets', reason: undefined, overheadMs: 0 },
  bind: () => assert.fail('a snapshot sends nothing'),
};

function facts(decisions: readonly Decision[] = []): Facts {
  return { version: '1.2.3', configFile: '/etc/failover/config.ts', echo, decisions };
}

test('daemonSnapshot() adds to the state what only the daemon knows, as of now', () => {
  const snapshot = daemonSnapshot(warmUp(exampleState()), facts());
  const { pid, version, configFile, stickyFile, probing, at, active } = snapshot;
  assert.deepEqual(
    { pid, version, configFile, stickyFile, probing, active },
    {
      ...{ pid: process.pid, version: '1.2.3', configFile: '/etc/failover/config.ts' },
      stickyFile: '/etc/failover/sticky.provider',
      probing: { means: 'ping sockets', reason: undefined },
      active: { 4: ['fibre'], 6: [] },
    },
  );
  assert.ok(Math.abs(at - Date.now()) < 2000, 'not the time of the last event');
});

test('daemonSnapshot() has the last switch, whatever was decided since', () => {
  const moves = [1, 2].map((n) => exampleDecision({ id: `a-${n}` }));
  const later = exampleDecision({ id: 'a-3', kind: 'health' });
  const state = exampleState();
  assert.equal(daemonSnapshot(state, facts([...moves, later])).lastDecision?.id, 'a-2');
  assert.equal(daemonSnapshot(state, facts([later])).lastDecision, undefined);
});

test('withConnections() adds the counts of the paths that have some', () => {
  const snapshot = daemonSnapshot(exampleState(), facts());
  const counted = withConnections(snapshot, new Map([['lte/4', { count: 3, stranded: 1 }]]));
  assert.deepEqual(
    counted.paths.map(({ path, connections }) => [path, connections]),
    [
      ['fibre/4', undefined],
      ['lte/4', { count: 3, stranded: 1 }],
      ['dsl/4', undefined],
    ],
  );
  assert.ok(counted.paths.every((path) => path.path === 'lte/4' || !('connections' in path)));
});

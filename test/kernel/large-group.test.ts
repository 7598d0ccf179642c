import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelRoutes, Nexthop } from '../../models/route.ts';
import { diff } from '../../src/core/routes/diff.ts';
import { familyOf, spell, spellCommand } from '../../src/core/routes/spell.ts';
import { hasResilientGroups } from '../../src/kernel/features.ts';
import { Reconciler } from '../../src/kernel/reconciler.ts';
import { ip } from '../support/ip.ts';

const skip = !(await hasResilientGroups());
const first = 774_000_101;
const groupId = 774_514_000;

/** `count` ways and the group of those from `from` on, which a default route leads through. */
function wish(count: number, from: number): KernelRoutes {
  const ways = Array.from({ length: count }, (_, i): Nexthop => {
    const gateway = `10.20.${1 + (i >> 8)}.${i & 255}`;
    return { family: 4, id: first + i, gateway, dev: 'eth1', onlink: false };
  });
  const members = ways.slice(from).map(({ id }, i) => ({ id, weight: 1 + (i % 256) }));
  const group = {
    family: 4,
    id: groupId,
    members,
    buckets: 16_384,
    idleSeconds: 5,
    unbalancedSeconds: 10,
  } as const;
  const route = { family: 4, table: 254, dst: 'default', metric: 100, type: 'unicast' } as const;
  const through = { gateway: undefined, dev: undefined, src: undefined, onlink: false, nhid: groupId };
  return { nexthops: [...ways, group], routes: [{ ...route, ...through }], rules: [] };
}

test('writeGroup() makes and changes a group that ip has no room for, and it is read back as wished', {
  skip,
}, async () => {
  await ip('link add eth1 type veth peer name far');
  await ip('address add 10.20.0.1/16 dev eth1');
  for (const device of ['eth1', 'far']) await ip(`link set ${device} up`);
  const notes: string[] = [];
  const planner = { diff, spell, spellCommand, familyOf };
  const reconciler = new Reconciler(planner, { families: [4], nexthops: true }, ({ kind, message }) =>
    notes.push(`${kind}: ${message}`),
  );
  for (const from of [0, 60]) {
    await reconciler.apply(wish(1000, from));
    const kernel = await reconciler.read();
    assert.deepEqual(diff(wish(1000, from), kernel), [], `from ${from}`);
  }
  assert.deepEqual(notes, ['changed: routes updated', 'changed: routes updated']);
  reconciler.close();
});

test('writeGroup() tells the objection of the kernel', { skip }, async () => {
  const notes: string[] = [];
  const planner = { diff, spell, spellCommand, familyOf };
  const reconciler = new Reconciler(planner, { families: [4], nexthops: true }, ({ message }) =>
    notes.push(message),
  );
  const { nexthops = [], ...rest } = wish(200, 0);
  const group = nexthops
    .filter((nexthop) => 'members' in nexthop)
    .map((nexthop) => ({ ...nexthop, id: groupId + 1 }));
  const unknown = group.map((nexthop) => ({
    ...nexthop,
    members: ('members' in nexthop ? nexthop.members : []).map(({ weight }, i) => ({ id: 1 + i, weight })),
  }));
  await reconciler.apply({ ...rest, routes: [], nexthops: unknown });
  await new Promise((resolve) => setTimeout(resolve, 600)); // it retries, and says what lasts
  assert.match(notes.join('\n'), /the kernel refused a change: RTNETLINK answers: EINVAL/);
  reconciler.close();
});

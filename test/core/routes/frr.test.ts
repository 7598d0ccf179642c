import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Route } from '../../../models/route.ts';
import {
  divide,
  planStatics,
  readStatics,
  type StaticRoute,
  spellStatic,
  spellVtysh,
} from '../../../src/core/routes/frr.ts';

const route: Route = {
  family: 4,
  table: 254,
  dst: 'default',
  metric: 100,
  type: 'unicast',
  gateway: '10.10.1.254',
  dev: 'eth1',
  src: '10.10.1.1',
  onlink: false,
};
const fibre: StaticRoute = {
  family: 4,
  prefix: '0.0.0.0/0',
  hop: '10.10.1.254 eth1',
  onlink: false,
  distance: 100,
};
const cable: StaticRoute = { ...fibre, hop: '10.10.2.254 eth2', distance: 101 };
const lte: StaticRoute = { ...fibre, hop: 'ppp0', distance: 102 };
const text = (routes: readonly StaticRoute[]): string => routes.map((one) => spellStatic(one, 77)).join('\n');
const untagged = (routes: readonly StaticRoute[]): string[] =>
  routes.map((one) => spellStatic(one, undefined));
const nothing = { ours: [], others: [] };

test('spellStatic() writes as FRRouting does', () => {
  assert.equal(text([fibre]), 'ip route 0.0.0.0/0 10.10.1.254 eth1 tag 77 100');
  assert.equal(text([{ ...fibre, onlink: true }]), 'ip route 0.0.0.0/0 10.10.1.254 eth1 tag 77 100 onlink');
  assert.equal(text([{ ...lte, hop: 'reject', distance: 1 }]), 'ip route 0.0.0.0/0 reject tag 77');
  const six = { ...fibre, family: 6, prefix: '::/0', hop: 'fe80::1 eth1' } as const;
  assert.equal(text([six]), 'ipv6 route ::/0 fe80::1 eth1 tag 77 100');
});

test('spellVtysh() is a command to paste', () => {
  assert.equal(
    spellVtysh('ip route 0.0.0.0/0 ppp0 tag 77 102', undefined),
    "vtysh -c 'configure terminal' -c 'ip route 0.0.0.0/0 ppp0 tag 77 102'",
  );
  assert.match(spellVtysh('', 'edge'), /^vtysh -N edge -c /);
});

test('divide() gives main to FRRouting, and the kernel the rest and a net', () => {
  const own = { ...route, table: 101, metric: 0 };
  const { kernel, statics } = divide({ routes: [own, route], rules: [] });
  assert.deepEqual(kernel, { routes: [own, { ...route, metric: 0xff000064 }], rules: [] });
  assert.deepEqual(statics, [fibre]);
});

test('divide() makes hops of equal distance of a multipath route, and of a nexthop group', () => {
  const hops = [
    { gateway: '10.10.1.254', dev: 'eth1', onlink: false, weight: 1 },
    { gateway: '10.10.2.254', dev: 'eth2', onlink: false, weight: 1 },
  ];
  const both = [fibre, { ...cable, distance: 100 }];
  assert.deepEqual(divide({ routes: [{ ...route, hops }], rules: [] }).statics, both);
  const ways = hops.map((hop, i) => ({ family: 4 as const, id: i + 1, ...hop }));
  const members = [
    { id: 1, weight: 1 },
    { id: 2, weight: 1 },
  ];
  const times = { buckets: 64, idleSeconds: 60, unbalancedSeconds: 0 };
  const group = { family: 4 as const, id: 9, members, ...times };
  const wish = { routes: [{ ...route, nhid: 9 }], rules: [], nexthops: [...ways, group] };
  const parted = divide(wish);
  assert.deepEqual(
    parted.statics.map(({ hop, distance }) => [hop, distance]),
    [
      [fibre.hop, 100],
      [cable.hop, 100],
    ],
  );
  assert.deepEqual(parted.kernel.nexthops, wish.nexthops);
});

test('divide() answers "unreachable" with reject', () => {
  const wish = {
    routes: [{ ...route, type: 'unreachable' as const, gateway: undefined, dev: undefined }],
    rules: [],
  };
  assert.deepEqual(divide(wish).statics, [{ ...fibre, hop: 'reject' }]);
});

test('readStatics() tells ours by the tag, and leaves out vrf blocks and other tables', () => {
  const { ours, others } = readStatics(
    [
      'hostname edge',
      'ip route 0.0.0.0/0 10.10.1.254 eth1 tag 77 100',
      'ip route 0.0.0.0/0 ppp0 tag 77 102 onlink',
      'ip route 0.0.0.0/0 10.0.0.1',
      'ip route 192.0.2.0/24 10.0.0.1 eth0 tag 5 20 label 100',
      'ip route 6.0.0.0/8 10.0.1.254 tag 77 12 table 55',
      'ipv6 route ::/0 fe80::1 eth1 200',
      'vrf red',
      ' ip route 0.0.0.0/0 10.9.9.9 tag 77',
    ].join('\n'),
    77,
  );
  assert.deepEqual(ours, [
    { ...fibre, tag: 77 },
    { ...lte, onlink: true, tag: 77 },
  ]);
  assert.deepEqual(
    others.map(({ hop, distance }) => [hop, distance]),
    [
      ['10.0.0.1', 1],
      ['10.0.0.1 eth0', 20],
      ['fe80::1 eth1', 200],
    ],
  );
});

test('planStatics() writes the best first and removes last; a second plan is empty', () => {
  const stale = { ...fibre, hop: '10.10.1.1 eth1', distance: 100 };
  const present = readStatics(text([stale, cable]), 77);
  const wish = [
    { ...cable, distance: 100 },
    { ...fibre, distance: 101 },
  ];
  assert.deepEqual(planStatics(wish, present, 77).lines, [
    'ip route 0.0.0.0/0 10.10.2.254 eth2 tag 77 100',
    'ip route 0.0.0.0/0 10.10.1.254 eth1 tag 77 101',
    'no ip route 0.0.0.0/0 10.10.1.1 eth1 tag 77 100',
  ]);
  assert.deepEqual(planStatics(wish, readStatics(text(wish), 77), 77), { lines: [], blocked: [] });
});

test("planStatics() steps over others' distances, keeping equal ones equal", () => {
  const others = readStatics('ip route 0.0.0.0/0 10.0.0.1 100\nip route 0.0.0.0/0 10.0.0.2 102', 77).others;
  const wish = [fibre, { ...cable, distance: 100 }, { ...lte, distance: 101 }];
  assert.deepEqual(planStatics(wish, { ours: [], others }, 77).lines, [
    'ip route 0.0.0.0/0 10.10.1.254 eth1 tag 77 101',
    'ip route 0.0.0.0/0 10.10.2.254 eth2 tag 77 101',
    'ip route 0.0.0.0/0 ppp0 tag 77 103',
  ]);
});

test("planStatics() leaves a hop alone that is someone else's, and says so", () => {
  const { others } = readStatics('ip route 0.0.0.0/0 10.10.1.254 eth1 5', 77);
  const plan = planStatics([fibre, cable], { ours: [], others }, 77);
  assert.deepEqual(plan.blocked, [fibre]);
  assert.deepEqual(plan.lines, [spellStatic(cable, 77)]);
});

test('planStatics() moves away from a distance that someone joined, which took our tag', () => {
  const joined = `${untagged([fibre])}\nip route 0.0.0.0/0 10.0.0.9 eth9 100`;
  const present = readStatics(joined, 77, [fibre]);
  assert.deepEqual(planStatics([fibre], present, 77).lines, [
    'ip route 0.0.0.0/0 10.10.1.254 eth1 tag 77 101',
  ]);
});

test('planStatics() gives no distance that is never installed', () => {
  const { others } = readStatics('ip route 0.0.0.0/0 10.0.0.1 254', 77);
  const wish = [{ ...fibre, distance: 254 }];
  assert.deepEqual(planStatics(wish, { ours: [], others }, 77), {
    lines: [],
    blocked: [{ ...fibre, distance: 255 }],
  });
});

/** What staticd does with a line: a hop of a prefix is there once, and one distance has one tag. */
function staticd(lines: readonly string[], table: readonly string[]): string[] {
  let routes = table.map((line) => found(line));
  for (const line of lines) {
    const one = found(line.replace(/^no /, ''));
    routes = routes.filter(({ prefix, hop }) => prefix !== one.prefix || hop !== one.hop);
    if (line.startsWith('no ')) continue;
    routes = routes.map((other) =>
      other.prefix === one.prefix && other.distance === one.distance ? { ...other, tag: one.tag } : other,
    );
    routes.push(one);
  }
  return routes.map((one) => spellStatic(one, one.tag)).sort();
}

function found(line: string) {
  const { ours, others } = readStatics(line, 77);
  const [one] = ours.length > 0 ? ours : others;
  assert.ok(one !== undefined, line);
  return { ...one, tag: ours.length > 0 ? 77 : undefined };
}

const someRoutes = (hops: readonly string[], prefixes: readonly string[]) =>
  fc.uniqueArray(
    fc.record({
      family: fc.constant(4 as const),
      prefix: fc.constantFrom(...prefixes),
      hop: fc.constantFrom(...hops),
      onlink: fc.constant(false),
      distance: fc.integer({ min: 1, max: 8 }),
    }),
    { selector: ({ prefix, hop }) => `${prefix} ${hop}`, maxLength: 6 },
  );

test('planStatics() carried out gives the wish, leaves the rest as it was, and has nothing left to do', () => {
  const prefixes = ['0.0.0.0/0', '192.0.2.0/24'];
  const wishes = someRoutes(['10.0.1.1 eth1', '10.0.2.1 eth2', 'ppp0'], prefixes);
  const strangers = someRoutes(['10.0.1.1 eth1', '10.0.9.1 eth9', '10.0.8.1'], prefixes);
  fc.assert(
    fc.property(wishes, wishes, strangers, (earlier, wish, others) => {
      const theirs = staticd(untagged(others), []);
      const begun = staticd(planStatics(earlier, readStatics(theirs.join('\n'), 77), 77).lines, theirs);
      const plan = planStatics(wish, readStatics(begun.join('\n'), 77), 77);
      const after = staticd(plan.lines, begun);
      const read = readStatics(after.join('\n'), 77);
      assert.deepEqual(
        after.filter((line) => !line.includes('tag')),
        theirs,
      );
      assert.equal(read.ours.length, wish.length - plan.blocked.length);
      assert.deepEqual(planStatics(wish, read, 77).lines, []);
    }),
  );
  assert.deepEqual(planStatics([], nothing, 77), { lines: [], blocked: [] });
});

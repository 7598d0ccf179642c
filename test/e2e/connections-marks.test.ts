import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { families } from '../../models/path.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { addClient, clientAddresses } from './lan.ts';
import { linesOf, openScene, type Scene } from './scene.ts';
import { strayPackets, watchStrays } from './strays.ts';
import { ispOf, marked, serveStreams, streamPort, streamsIn } from './streams.ts';

/** What an operator may have of his own: marks in other bits, a set, port forwards. */
const ownRules = `table ip own {
  set seen { type ipv4_addr; flags dynamic; size 100; }
  chain marks {
    type filter hook postrouting priority mangle + 5;
    ct mark set ct mark | 0x42
    update @seen { ip daddr }
  }
  chain early {
    type filter hook prerouting priority mangle - 5;
    iifname "lan0" meta mark set 0x00000007
  }
  chain late {
    type filter hook forward priority filter;
    meta mark & 0x000000ff == 0x7 counter name kept
    iifname "lan0" meta mark & 0x000000ff != 0x7 counter name lost
  }
  counter kept {}
  counter lost {}
}
table inet forwards {
  chain dstnat {
    type nat hook prerouting priority dstnat;
    iifname { "eth1", "eth2", "wwan0" } tcp dport 8080 dnat ip to ${clientAddresses[4]}:${streamPort}
    iifname { "eth1", "eth2", "wwan0" } tcp dport 8080 dnat ip6 to [${clientAddresses[6]}]:${streamPort}
  }
}
`;

const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1' },
    { name: 'cable', device: 'eth2' },
    { name: 'lte', device: 'wwan0' },
  ],
  config: (lab) => marked(lab),
  prepare: async (lab) => {
    await addClient(lab);
    await watchStrays(lab);
    await lab.run('router', ['nft', '-f', '-'], ownRules);
    await lab.run('router', [
      'iptables-nft',
      '-t',
      'mangle',
      '-A',
      'PREROUTING',
      '-i',
      'lan0',
      '-j',
      'ACCEPT',
    ]);
  },
});
after(() => scene.close());
const { lab } = scene;
const servers = [
  await serveStreams(),
  await serveStreams('router', ['::']),
  await serveStreams('client', ['::']),
];
after(() => servers.forEach((server) => void server.close()));
const sides = { internet: await streamsIn('internet'), client: await streamsIn('client') };
after(() => Object.values(sides).forEach((streams) => void streams.close()));

const nft = (...words: readonly string[]): Promise<string> => lab.run('router', ['nft', ...words]);

/** What is there of tables that are not ours, without what packets change. */
async function others(): Promise<string> {
  const text = await nft('-s', '-t', 'list', 'ruleset');
  return text.replace(/^table inet failover \{\n(?:.*\n)*?\}\n/m, '');
}

for (const family of families)
  for (const [what, port] of [
    ['a service of the router', streamPort],
    ['a service behind it', 8080],
  ] as const)
    test(`IPv${family}: answers of ${what} leave by the provider that was asked`, async () => {
      for (const { name, ends } of lab.isps) {
        const id = `${name}-${family}-${port}`;
        sides.internet.open({ id, to: ends[family]?.address ?? '', port, everyMs: 20 });
      }
      const answered = async (): Promise<boolean> => {
        const streams = await Promise.all(
          lab.isps.map(({ name }) => sides.internet.latest(`${name}-${family}-${port}`)),
        );
        return streams.every((stream) => (stream?.answers ?? 0) > 20);
      };
      await scene.until(answered, 'answers through every provider');
      const connections = await lab.run('router', ['conntrack', '-L', '-f', `ipv${family}`, '-p', 'tcp']);
      for (const { index, ends } of lab.isps) {
        const own = linesOf(connections).filter((line) => line.includes(` dst=${ends[family]?.address} `));
        const marks = own.map((line) => Number(/ mark=(\d+)/.exec(line)?.[1]) >>> 24);
        assert.ok(marks.length > 0 && marks.every((mark) => mark === index), connections);
      }
    });

test('replies to inbound connections survive a switch, and leave by where they came in', async () => {
  const at = Date.now();
  await lab.cut('fibre');
  await scene.carries('cable');
  const lte = 'lte-4-8080';
  await scene.until(
    async () => ((await sides.internet.latest(lte))?.answeredAt ?? 0) > at + 2000,
    'answers through lte',
  );
  assert.equal((await sides.internet.latest(lte))?.ended, undefined);
  await scene.calm();
  assert.deepEqual(await strayPackets(lab), { fibre: 0, cable: 0, lte: 0 });
});

test('bits of marks that are not ours survive', async () => {
  sides.client.open({ id: 'foreign', to: flowTargets[4], everyMs: 20 });
  await scene.until(async () => ((await sides.client.latest('foreign'))?.answers ?? 0) > 20, 'answers');
  assert.equal(ispOf(lab, await sides.client.latest('foreign')), 'fibre');
  const found = await lab.run('router', [
    'conntrack',
    '-L',
    '-p',
    'tcp',
    '-s',
    clientAddresses[4],
    '-d',
    flowTargets[4],
  ]);
  assert.match(found, new RegExp(` mark=${0x01000042} `));
  const counters = await nft('list', 'counters', 'table', 'ip', 'own');
  assert.match(counters, /counter kept \{\s+packets [1-9]/);
  assert.match(counters, /counter lost \{\s+packets 0 /);
});

test("flushing our table, or all of them, is repaired; others' rules are left alone", async () => {
  const before = await others();
  assert.match(before, /table ip own/);
  assert.match(before, /table ip mangle/);
  const good = await nft('-s', '-t', 'list', 'table', 'inet', 'failover');
  const isBack = async (): Promise<boolean> => {
    const listing = await lab.run('router', ['sh', '-c', 'nft -s -t list table inet failover 2>&1 || true']);
    return listing === good;
  };
  await nft('flush', 'table', 'inet', 'failover');
  await scene.until(isBack, 'the rules back');
  await nft('delete', 'table', 'inet', 'failover');
  await scene.until(isBack, 'the table back');
  await nft('add', 'rule', 'inet', 'failover', 'output', 'meta', 'mark', 'set', '9');
  await scene.until(isBack, 'the strange rule gone');
  assert.equal(await others(), before);
  await nft('flush', 'ruleset');
  await scene.until(isBack, 'the table back after a flush of all');
  assert.match(
    (await scene.decisions()).map(({ sentence }) => sentence).join('\n'),
    /someone else changed our nftables table/,
  );
  await lab.run('router', ['nft', '-f', '-'], ownRules);
});

test('onStop remove takes the table away, and nothing else', async () => {
  const before = await others();
  await scene.reload({ ...marked(lab), onStop: 'remove' });
  await scene.daemon.stop();
  assert.doesNotMatch(await nft('list', 'tables'), /inet failover/);
  assert.equal(await others(), before);
});

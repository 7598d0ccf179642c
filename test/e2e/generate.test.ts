import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import { run } from '../../src/kernel/exec.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { addClient, clientAddresses } from './lan.ts';
import { openScene, type Scene } from './scene.ts';
import { ispOf, type Stream, type StreamOrder, serveStreams, streamPort, streamsIn } from './streams.ts';

const dmzServer = '203.0.113.2'; // with an address of its own that both ISPs lead to us; the internet uses the second

/** Counts in an ISP what the server sends, and what comes with an address of the LAN. */
const watches = `table inet watches {
  counter answers {}
  counter untranslated {}
  chain incoming {
    type filter hook prerouting priority -300;
    iifname "customer" ip saddr ${dmzServer} counter name answers
    iifname "customer" ip saddr ${clientAddresses[4]} counter name untranslated
    iifname "customer" ip6 saddr ${clientAddresses[6]} counter name untranslated
  }
}
`;

const scene: Scene = await openScene({
  config: (lab) => ({
    providers: lab.config().providers.map((provider) => ({ ...provider, ipv6Nat: 'masquerade' })),
    connectionMarks: 'external',
    downlinks: { lan: ['lan0'], dmz: ['dmz0'] },
  }),
  prepare: async (lab) => {
    await addClient(lab);
    await addServer(lab);
  },
});
after(() => scene.close());
const { lab } = scene;
for (const [namespace, address] of [
  ['internet', Object.values(flowTargets)],
  ['client', [clientAddresses[4]]],
  ['server', [dmzServer]],
] as const) {
  const server = await serveStreams(namespace, address);
  after(() => server.close());
}
const sides = { client: await streamsIn('client'), internet: await streamsIn('internet') };
after(() => Object.values(sides).forEach((streams) => void streams.close()));
beforeEach(() => scene.calm());
afterEach(() => {
  for (const [side, id] of streams.splice(0)) sides[side].end(id);
});

/** A server behind the router, on a device of its own. */
async function addServer(lab: Lab): Promise<void> {
  const ip = (namespace: string, words: string) => lab.run(namespace, ['ip', ...words.split(' ')]);
  await ip('router', 'netns add server');
  await ip('router', 'link add dmz0 index 710 type veth peer name eth0 index 711 netns server');
  await ip('router', 'address add 203.0.113.1/28 dev dmz0');
  await ip('router', 'link set dmz0 up');
  for (const words of ['link set lo up', `address add ${dmzServer}/28 dev eth0`, 'link set eth0 up'])
    await ip('server', words);
  await ip('server', 'route add default via 203.0.113.1');
  for (const name of ['fibre', 'cable']) {
    await ip(name, `route add 203.0.113.0/28 via ${lab.isp(name).ends[4]?.address}`);
    await lab.run(name, ['nft', '-f', '-'], watches);
  }
  await ip('internet', 'route add 203.0.113.0/28 via 100.64.2.1');
}

/** Packets counted in both ISPs. */
async function counted(what: 'answers' | 'untranslated'): Promise<{ fibre: number; cable: number }> {
  const [fibre = 0, cable = 0] = await Promise.all(
    ['fibre', 'cable'].map(async (isp) => {
      const text = await lab.run(isp, ['nft', 'list', 'counter', 'inet', 'watches', what]);
      return Number(/packets (\d+)/.exec(text)?.[1]);
    }),
  );
  return { fibre, cable };
}

async function generate(form: string): Promise<string> {
  const { code, stdout, stderr } = await lab.cli(['generate', form, '--config', `${lab.folder}/config.json`]);
  assert.equal(code, 0, stderr);
  return stdout;
}

let count = 0;
const streams: [keyof typeof sides, string][] = []; // of the present test

/** Opens a stream and waits for what comes of it. */
async function opened(side: keyof typeof sides, order: Omit<StreamOrder, 'id' | 'everyMs'>): Promise<Stream> {
  count += 1;
  const id = `${side}-${count}`;
  streams.push([side, id]);
  sides[side].open({ id, everyMs: 50, ...order });
  let stream: Stream | undefined;
  const isDecided = async (): Promise<boolean> => {
    stream = await sides[side].latest(id);
    return stream?.via !== undefined || stream?.ended !== undefined;
  };
  await scene.until(isDecided, `an end of the stream to ${order.to}`);
  assert.ok(stream !== undefined);
  return stream;
}

interface Form {
  readonly name: string;
  readonly check: () => Promise<void>;
  readonly load: (edit?: (text: string) => string) => Promise<void>;
  readonly forward: (text: string) => string; // the template of a forwarded port, filled in for cable
}

const forward = /^(\s*)#(.*"?eth2"?.*)192\.168\.0\.10:80$/m;
const filledIn = `$1$2${clientAddresses[4]}:${streamPort}`;

const forms: readonly Form[] = [
  {
    name: 'nftables',
    check: async () => void (await lab.run('router', ['nft', '-c', '-f', '-'], await generate('nftables'))),
    load: async (edit = same) =>
      void (await lab.run('router', ['nft', '-f', '-'], edit(await generate('nftables')))),
    forward: (text) => text.replace(forward, filledIn),
  },
  {
    name: 'iptables',
    check: async () => {
      for (const tool of ['iptables', 'ip6tables'])
        await lab.run('router', [`${tool}-restore`, '--test'], await generate(tool));
    },
    load: async (edit = same) => {
      for (const tool of ['iptables', 'ip6tables'])
        await lab.run('router', [`${tool}-restore`], edit(await generate(tool)));
    },
    forward: (text) => text.replace(forward, filledIn),
  },
];

function same(text: string): string {
  return text;
}

test("'external' marks: our rules are there, and no table of ours", async () => {
  const rules = await lab.ip('rule show');
  assert.match(rules, /fwmark 0x1000000\/0xff000000/);
  assert.match(rules, /fwmark 0x2000000\/0xff000000/);
  assert.doesNotMatch(await lab.run('router', ['nft', 'list', 'tables']), /inet failover/);
});

for (const form of forms) {
  const { missing } = await run(`${form.name === 'nftables' ? 'nft' : 'iptables-restore'}`, [
    '--version',
  ]).then(
    () => ({ missing: false as const }),
    () => ({ missing: `${form.name} is not installed` }),
  );
  describe(`generate ${form.name}`, { skip: missing }, () => {
    before(() => form.load());
    after(() => lab.run('router', ['nft', 'flush', 'ruleset']));

    test('is accepted by the tool that reads it', () => form.check());

    test('sends what begins in the LAN by the active provider, under its address', async () => {
      const untranslated = await counted('untranslated');
      for (const family of families)
        assert.equal(ispOf(lab, await opened('client', { to: flowTargets[family] })), 'fibre');
      await lab.cut('fibre');
      await scene.carries('cable');
      for (const family of families)
        assert.equal(ispOf(lab, await opened('client', { to: flowTargets[family] })), 'cable');
      assert.deepEqual(await counted('untranslated'), untranslated);
    });

    test('keeps a connection on the provider it began on when traffic returns to a better one', async () => {
      await lab.cut('fibre');
      await scene.carries('cable');
      const { id, via } = await opened('client', { to: flowTargets[4] });
      await scene.calm();
      const before = await sides.client.latest(id);
      await sleep(500); // ten more bytes
      const later = await sides.client.latest(id);
      assert.equal(later?.ended, undefined);
      assert.equal(later?.via, via);
      assert.ok((later?.answers ?? 0) > (before?.answers ?? 0));
      assert.equal(ispOf(lab, await opened('client', { to: flowTargets[4] })), 'fibre');
    });

    test('answers a connection to the DMZ by the provider it came by', async () => {
      const before = await counted('answers');
      const stream = await opened('internet', { to: dmzServer });
      assert.equal(stream.ended, undefined);
      await sleep(300);
      const later = await counted('answers');
      assert.ok(later.cable > before.cable);
      assert.equal(later.fibre, before.fibre);
    });

    test('lets nobody outside begin a connection to the LAN', async () => {
      const stream = await opened('internet', { to: clientAddresses[4] });
      assert.equal(stream.ended, 'ECONNREFUSED');
    });

    test('forwards a port when its template is filled in', async () => {
      const to = { to: lab.isp('cable').ends[4]?.address ?? '', port: 80 };
      assert.equal(
        (await opened('internet', to)).ended,
        'ECONNREFUSED',
        'nobody listens on the router itself',
      );
      await form.load(form.forward);
      const stream = await opened('internet', to);
      assert.equal(stream.ended, undefined);
      assert.ok(stream.via !== undefined, 'the client answered');
    });
  });
}

import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { LabConfig } from '../../src/lab/lab-config.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { addClient, clientAddresses } from './lan.ts';
import { openScene, quick } from './scene.ts';
import { ispOf, marked, type Stream, serveStreams, streamPort, streamsIn } from './streams.ts';

const isps = [
  { name: 'fibre', device: 'eth1' },
  { name: 'cable', device: 'eth2' },
];

const configFile = (lab: Lab): string => join(lab.folder, 'config.json');

/** A folder of programs, without some. */
async function programsBut(lab: Lab, ...missing: readonly string[]): Promise<string> {
  const folder = join(lab.folder, 'bin');
  await mkdir(folder, { recursive: true });
  for (const from of ['/usr/bin', '/usr/sbin', '/bin', '/sbin'])
    for (const name of await readdir(from))
      if (!missing.includes(name)) await symlink(join(from, name), join(folder, name)).catch(() => undefined); // it is there
  return folder;
}

test('without nftables connections are not marked, it is said, and the rest works', async () => {
  const scene = await openScene({ isps, config: (lab) => marked(lab) });
  after(() => scene.close());
  const { lab } = scene;
  await scene.daemon.stop();
  await lab.run('router', ['nft', 'delete', 'table', 'inet', 'failover']);
  const env = { PATH: await programsBut(lab, 'nft') };
  const daemon = await lab.daemon({ config: { ...quick, ...marked(lab) }, env });
  const said = await daemon.line(/connections are not marked/);
  assert.match(said, / err .*nft is not installed; install it with: apt-get install nftables/);
  await scene.reliable();
  await lab.cut('fibre');
  await scene.carries('cable');
  assert.doesNotMatch(await lab.run('router', ['nft', 'list', 'tables']), /failover/);
  assert.doesNotMatch(daemon.lines.join('\n'), /cannot be/); // said once, in those words
  await scene.close();
});

test('without conntrack a switch works, and it is said once that old connections stay', async () => {
  const scene = await openScene({ isps, config: (lab) => marked(lab) });
  after(() => scene.close());
  const { lab } = scene;
  await scene.daemon.stop();
  const env = { PATH: await programsBut(lab, 'conntrack') };
  const daemon = await lab.daemon({ config: { ...quick, ...marked(lab) }, env });
  await scene.reliable();
  for (let i = 0; i < 2; i += 1) {
    await lab.cut('fibre');
    await scene.carries('cable');
    await scene.calm();
  }
  const said = daemon.lines.filter((line) => /connections of a dead provider cannot be cut/.test(line));
  assert.equal(said.length, 1, said.join('\n'));
  const missing = /conntrack is not installed; install it with: apt-get install conntrack/;
  assert.match(said[0] ?? '', missing);
  assert.match((await scene.see()).drift.join('\n'), missing);
  const without = { before: ['env', `PATH=${env.PATH}`] };
  assert.match((await lab.cli(['check', configFile(lab)], without)).stdout, missing);
  assert.doesNotMatch((await lab.cli(['check', configFile(lab)])).stdout, missing);
  await scene.close();
});

test('a firewall rule that translates for one provider alone is named by check, unless ours does for the other', async () => {
  const scene = await openScene({ isps });
  after(() => scene.close());
  const { lab } = scene;
  const remarks = async (): Promise<string> => (await lab.cli(['check', configFile(lab)])).stdout;
  assert.doesNotMatch(await remarks(), /Worth a look/);
  for (const program of ['iptables-nft', 'iptables-legacy']) {
    const rule = ['-t', 'nat', 'POSTROUTING', '-o', 'eth1', '-j', 'MASQUERADE'];
    const change = (how: string): Promise<string> =>
      lab.run('router', [program, ...rule.toSpliced(2, 0, how)]);
    await change('-A');
    assert.match(
      await remarks(),
      /providers\[1\]\.nat: a firewall rule translates IPv4 addresses for other providers only \(.*eth1.*\)/,
    );
    await change('-D');
    assert.doesNotMatch(await remarks(), /firewall rule/);
  }
  await scene.close();
});

test('a daemon that was killed leaves no process behind', async () => {
  const scene = await openScene({ isps, config: (lab) => marked(lab) });
  after(() => scene.close());
  const { daemon } = scene;
  const commandOf = (pid: string): Promise<string> =>
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const children = (await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8'))
    .trim()
    .split(' ');
  const commands = (await Promise.all(children.map(commandOf))).map((line) => line.replaceAll('\0', ' '));
  for (const program of [/^nft monitor/, /^ip -N monitor/])
    assert.ok(
      commands.some((command) => program.test(command)),
      commands.join('\n'),
    );
  await daemon.kill();
  const left = async (): Promise<string[]> =>
    (await Promise.all(children.map(commandOf))).filter((command) => /^(nft|ip)\0/.test(command));
  await scene.until(async () => (await left()).length === 0, 'the end of both monitors');
  await scene.close();
});

test('plan prints the table as nft takes it, and says nothing while the daemon keeps it', async () => {
  const scene = await openScene({ isps, config: (lab) => marked(lab) });
  after(() => scene.close());
  const { lab } = scene;
  assert.doesNotMatch((await lab.cli(['plan'])).stdout, /nft/);
  const { stdout } = await lab.cli(['plan', '--all']);
  const [, text = ''] = /^nft -f - <<'END'\n([\s\S]*?)^END$/m.exec(stdout) ?? [];
  assert.match(text, /chain begin-cable/);
  const kept = await lab.run('router', ['nft', '-s', '-t', 'list', 'table', 'inet', 'failover']);
  await scene.daemon.stop();
  await lab.run('router', ['nft', 'delete', 'table', 'inet', 'failover']);
  await lab.run('router', ['nft', '-f', '-'], text);
  assert.equal(await lab.run('router', ['nft', '-s', '-t', 'list', 'table', 'inet', 'failover']), kept);
  await scene.close();
});

test('nat: an address of ours instead of that of the device; none where none is asked for', async () => {
  const scene = await openScene({
    isps,
    config: (lab) => {
      const [fibre = {}, ...others] = marked(lab).providers;
      return {
        connectionMarks: true,
        providers: [{ ...fibre, nat: '10.10.1.77', ipv6Nat: 'none' }, ...others],
      };
    },
    prepare: async (lab) => {
      await addClient(lab);
      await lab.ip('address add 10.10.1.77/32 dev eth1');
    },
  });
  after(() => scene.close());
  const server = await serveStreams();
  after(() => server.close());
  const client = await streamsIn('client');
  after(() => client.close());
  for (const to of [flowTargets[4], flowTargets[6]]) client.open({ id: to, to, everyMs: 50 });
  const seen = async (): Promise<(string | undefined)[]> =>
    (await client.all()).map(({ via }) => via?.replace('::ffff:', ''));
  await scene.until(async () => (await seen()).every((via) => via !== undefined), 'answers');
  assert.deepEqual(await seen(), ['10.10.1.77', clientAddresses[6]]);
  client.close();
  server.close();
  await scene.close();
  await run('ip', ['netns', 'delete', 'client']);
});

/** `second` has another gateway on fibre's network, and an address of its own or fibre's. */
function withSecond(lab: Lab, ipv4Address: string): LabConfig {
  const config = marked(lab);
  const [first = {}] = config.providers;
  const second = { ...first, id: 'second', ipv4Address, gateway: '10.10.1.253', ipv6Address: 'none' };
  const { ipv6Gateway: _, ipv6Network: __, ...four } = second as Record<string, unknown>; // IPv4 alone
  return { ...config, providers: [...config.providers, four].map((provider) => ({ ...provider, tier: 1 })) };
}

/** The second gateway is a machine of its own, so that it can be told by which of them a packet came. */
async function addSecond(lab: Lab): Promise<void> {
  const inIsp = (...words: readonly string[]): Promise<string> => lab.run('fibre', words);
  await inIsp('sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.customer.arp_ignore=1');
  await inIsp('ip', 'link', 'add', 'link', 'customer', 'name', 'second', 'type', 'macvlan', 'mode', 'bridge');
  await inIsp('ip', 'address', 'add', '10.10.1.253/32', 'dev', 'second');
  await inIsp('ip', 'link', 'set', 'second', 'up');
  await lab.run('fibre', ['nft', '-f', '-'], gatewayWatch);
}

const gatewayWatch = `table inet gateways {
  set seen { type ifname . inet_service; flags dynamic; size 65535; }
  chain incoming {
    type filter hook prerouting priority 0;
    iifname { "customer", "second" } tcp dport ${streamPort} update @seen { iifname . tcp sport }
  }
}
`;

/** Which gateways of fibre's network each of the client's ports came by. */
async function gatewaysOfPorts(lab: Lab): Promise<Map<number, Set<string>>> {
  const text = await lab.run('fibre', ['nft', 'list', 'set', 'inet', 'gateways', 'seen']);
  const ports = new Map<number, Set<string>>();
  for (const [, name = '', port] of text.matchAll(/"(customer|second)" \. (\d+)/g))
    ports.set(Number(port), (ports.get(Number(port)) ?? new Set()).add(name));
  return ports;
}

for (const [address, how] of [
  ['10.10.1.3', 'addresses of their own'],
  ['10.10.1.1', 'one address'],
] as const)
  test(`providers on one device with ${how}: a connection keeps its gateway`, async () => {
    const scene = await openScene({
      isps,
      shared: true,
      config: (lab) => withSecond(lab, address),
      prepare: async (lab) => {
        await addClient(lab);
        if (address !== '10.10.1.1') await lab.ip(`address add ${address}/24 dev eth1`);
        await addSecond(lab);
      },
    });
    after(() => scene.close());
    const { lab } = scene;
    const server = await serveStreams();
    after(() => server.close());
    const sides = [await streamsIn('client'), await streamsIn('router')];
    after(() => sides.forEach((streams) => void streams.close()));
    const ids = sides.flatMap((streams, side) => {
      const own = Array.from({ length: 20 }, (_, i) => `${side}-${i}`);
      for (const id of own) streams.open({ id, to: flowTargets[4], everyMs: 30, again: true });
      return own;
    });
    /** The first ones, and those that followed them. */
    const all = async (): Promise<{ first: Stream[]; later: Stream[] }> => {
      const lists = await Promise.all(sides.map((streams) => streams.all()));
      return {
        first: lists.flatMap((list) => list.slice(0, 20)),
        later: lists.flatMap((list) => list.slice(20)),
      };
    };
    const answer = async (since: number): Promise<boolean> => {
      const { first, later } = await all();
      const latest = new Map([...first, ...later].map((stream) => [stream.id, stream]));
      return ids.every((id) => (latest.get(id)?.answeredAt ?? 0) > since);
    };
    await scene.until(() => answer(0), 'answers');
    const before = (await all()).first;
    await lab.cut('cable'); // the others share anew
    await scene.until(async () => !(await scene.see()).active[4].includes('cable'), 'traffic without cable');
    await scene.until(async () => answer(Date.now() - 100), 'answers');
    const kept = before.filter((stream) => ispOf(lab, stream) !== 'cable');
    const ended = (await all()).first.filter((stream) => stream.ended !== undefined);
    assert.equal(ended.length, 40 - kept.length, 'only those of cable were cut');
    const places = [...(await gatewaysOfPorts(lab)).values()];
    assert.deepEqual(
      places.filter((place) => place.size > 1),
      [],
    );
    const firsts = places.filter((place) => place.has('customer')).length;
    assert.ok(firsts > 0 && firsts < places.length, `${firsts} of ${places.length} by the first gateway`);
    const at = Date.now();
    await lab.run('fibre', ['ip', 'link', 'set', 'second', 'down']);
    await scene.until(
      async () => !(await scene.see()).active[4].includes('second'),
      'traffic without the second',
    );
    await scene.until(() => answer(at + 2000), 'answers to all through the first gateway');
    for (const streams of sides) streams.close();
    server.close();
    await scene.close();
    await run('ip', ['netns', 'delete', 'client']);
  });

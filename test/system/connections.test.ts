import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { serveStreams, streamPort } from '../e2e/streams.ts';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

let scene: Scene;
let server: { close(): void };

/** Puts this machine's conntrack into another root. */
const giveConntrack = `root=$1
libraries() { ldd /usr/sbin/conntrack | sed -n 's/.*=> \\(\\/[^ ]*\\) .*/\\1/p'; }
{ echo /usr/sbin/conntrack; libraries; } | while read -r file; do [ -e "$root$file" ] || echo "$file"; done |
  sed 's/^.//' | tar -C / --no-recursion -ch -T - | tar -C "$root" -x --keep-directory-symlink
`;

const provider = (id: string, interfaceName: string, n: number) => ({
  id,
  interfaceName,
  gateway: `10.10.${n}.254`,
  nat: 'masquerade',
});
const config = {
  checkInterval: '100ms',
  minOutage: '300ms',
  connectionMarks: true,
  providers: [provider('fibre', 'eth1', 1), provider('cable', 'eth2', 2)],
};

/** A client of the machine's own that opens its connection again whenever it ends. */
const client = `#!/bin/bash
while :; do
  exec 3<>/dev/tcp/${flowTargets[4]}/${streamPort} || continue
  while printf x >&3 && read -r via <&3; do echo "$via" >/run/via; sleep 0.1; done
done
`;

before(
  async () => {
    scene = await Scene.open({ boot: false });
    const { machine, lab } = scene;
    const given = await run('sh', ['-ec', giveConntrack, 'sh', machine.root]);
    assert.equal(given.code, 0, given.stderr);
    await machine.write('/root/failover.json', JSON.stringify(config));
    await machine.write('/root/client', client);
    await lab.ip('route del default metric 200', 'route del default metric 201');
    await machine.boot();
    await machine.sh(`cd ${download} && ./install --config /root/failover.json 2>&1`);
    server = await serveStreams();
  },
  { timeout: 600_000 },
);
after(async () => {
  server?.close();
  await scene?.close();
});

const journal = (): Promise<string> => scene.machine.sh('journalctl -u failover -o cat --no-pager');

test('the service, which is not root, marks connections, counts them, and cuts those of a dead provider', async () => {
  const { machine, lab } = scene;
  await scene.carries('fibre', 'eth1');
  assert.match(await machine.sh('nft list table inet failover'), /chain begin-fibre/);
  await machine.sh('systemd-run --quiet --unit=client bash /root/client');
  const goesBy = (address: string): Promise<unknown> =>
    machine.until(async () => (await machine.sh('cat /run/via 2>/dev/null || true')).includes(address), {
      what: `a connection from ${address}`,
    });
  await goesBy('10.10.1.1');
  const counted = async (): Promise<number | undefined> =>
    (await scene.status()).paths.find(({ path }) => path === 'fibre/4')?.connections?.count;
  await machine.until(async () => ((await counted()) ?? 0) > 0, { what: 'a counted connection' });
  await lab.cut('fibre');
  await scene.carries('cable', 'eth2');
  await goesBy('10.10.2.1');
  assert.match(await journal(), /connections? of fibre \(IPv4\) cut, to start again through cable/);
  assert.doesNotMatch(await journal(), /cannot|do not notice/);
});

test('uninstall takes the table away', async () => {
  const { machine } = scene;
  assert.match(await machine.sh('failover uninstall 2>&1'), /the nftables table inet failover/);
  assert.equal(await machine.sh('nft list tables'), '');
});

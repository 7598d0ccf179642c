import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { families } from '../../models/path.ts';
import { createLab } from '../../src/lab/lab.ts';
import { programFolder } from '../../src/process/program.ts';
import { propose } from '../../src/setup/propose.ts';
import { readDefaults, readLinks } from '../../src/watch/read-links.ts';
import { Scene } from './scene.ts';

// Named as install names providers: after their devices.
const lab = await createLab({ isps: ['eth1', 'wwan0'].map((device) => ({ name: device, device })) });
after(() => lab.close());

/** A modem without ARP (MBIM, QMI): whatever it is sent, it takes. Without ARP, frames are sent to one's own address. */
async function makeModem(): Promise<void> {
  for (const [namespace, device] of [
    ['router', 'wwan0'],
    ['wwan0', 'customer'],
  ] as const)
    await lab.run(namespace, ['ip', 'link', 'set', device, 'address', '02:00:00:00:00:07', 'arp', 'off']);
}

/** What ModemManager and NetworkManager leave. */
async function connect(): Promise<void> {
  await lab.ip('route add default dev wwan0 proto static scope link metric 700');
  await lab.ip6('route add default dev wwan0 proto static metric 700');
}

/** What install would propose here, with checks that are faster. */
async function proposed(): Promise<string> {
  const run = (...words: readonly string[]): Promise<string> =>
    lab.run('router', ['ip', '-N', '-j', ...words]);
  const links = readLinks(JSON.parse(await run('address', 'show')));
  const found = await Promise.all(
    families.map(async (family) =>
      readDefaults(family, await run(`-${family}`, 'route', 'show', 'default', 'table', 'all')),
    ),
  );
  const faster = "reaction: 'fast', failbackDelay: '1s', maxFailbackDelay: '1s'";
  return propose({ links, defaults: found.flat() }, []).text.replace("reaction: 'normal'", faster);
}

async function open(): Promise<Scene> {
  await makeModem();
  await lab.ip('route add default via 10.10.1.254 dev eth1 proto dhcp metric 600');
  await lab.ip6('route add default via 2001:db8:1::fe dev eth1 proto ra metric 1024');
  await connect();
  const text = await proposed();
  assert.match(text, /IPv4 directly \(static\), IPv6 directly \(static\)/);
  const file = join(lab.folder, 'config.ts');
  await writeFile(file, text.replace("'./models/config.ts'", `'${programFolder}/models/config.ts'`));
  return new Scene(lab, await lab.daemon({ config: file }));
}

const scene = await open();
await lab.waitFor(() => scene.see().catch(() => undefined), { timeoutMs: 20_000 });

test('what install proposes for a modem whose default route has no gateway works in both families', async () => {
  await scene.calm();
  for (const family of families) {
    const { binding } = await scene.path('wwan0', family);
    assert.deepEqual([binding?.interfaceName, binding?.gateway], ['wwan0', undefined]);
  }
  await lab.run('router', ['ping', '-c', '1', '-W', '5', '-I', 'wwan0', '1.1.1.1']);
  await lab.cut('eth1');
  await scene.carries('wwan0');
  await lab.heal('eth1');
  await scene.carries('eth1');
});

test('it goes on without that route, also across a restart, as the gateway of others does', async () => {
  const at = Date.now();
  await lab.ip('route del default dev wwan0 proto static scope link metric 700');
  await lab.ip6('route del default dev wwan0 proto static metric 700');
  await lab.ip('route add default via 10.10.1.254 dev eth1 proto static metric 5000'); // what is read after that
  await lab.cut('eth1');
  await scene.carries('wwan0');
  await lab.heal('eth1');
  await scene.carries('eth1');
  await scene.daemon.stop();
  await lab.daemon({ config: join(lab.folder, 'config.ts') });
  await lab.waitFor(() => scene.see().catch(() => undefined), { timeoutMs: 20_000 });
  await scene.calm();
  for (const family of families) assert.ok((await scene.path('wwan0', family)).binding);
  const lost = (await scene.decisions()).filter(
    (each) =>
      each.kind === 'health' && each.provider === 'wwan0' && each.to === 'unreliable' && each.at >= at,
  );
  assert.deepEqual(lost, []);
});

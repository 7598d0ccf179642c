import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Links } from '../../models/link.ts';
import { run } from '../../src/kernel/exec.ts';
import { IpSession } from '../../src/kernel/ip-session.ts';
import { LinkWatcher } from '../../src/watch/link-watcher.ts';
import { ip } from '../support/ip.ts';
import { until } from '../support/until.ts';

let session: IpSession;
let watcher: LinkWatcher;
let told: Links[] = [];
let routes = 0;
let troubles: string[] = [];

beforeEach(async () => {
  await ip('link add eth1 index 701 type veth peer name far index 901');
  // Without IPv6 addresses of the kernel's own: the end of their DAD would be news, some seconds later.
  for (const device of ['eth1', 'far']) await ip(`link set ${device} addrgenmode none up`);
  await ip('address add 10.10.1.1/24 dev eth1');
  [session, told, routes, troubles] = [new IpSession(), [], 0, []];
  const show = async (): Promise<readonly unknown[]> =>
    (await session.transact([], ['address show'])).rows[0] ?? [];
  watcher = new LinkWatcher(show, {
    links: (links) => told.push(links),
    routes: () => {
      routes += 1;
    },
    trouble: (message) => troubles.push(message),
  });
  assert.ok((await watcher.read()).links.some(({ name }) => name === 'eth1'));
  watcher.watch();
  await listening();
});

afterEach(async () => {
  watcher.close();
  session.close();
  await ip('link del eth1');
});

/** Waits until the monitor tells of something, and everything it had to tell is told. */
async function listening(): Promise<void> {
  const before = routes;
  for (let i = 0; routes === before && i < 200; i++) {
    await ip('-4 route replace unreachable 192.0.2.77 table 4242 proto 77');
    await ip('-4 route del unreachable 192.0.2.77 table 4242 proto 77');
    await sleep(25);
  }
  assert.notEqual(routes, before, 'the monitor hears nothing');
  await sleep(300);
  told.length = 0;
  routes = 0;
}

function eth1(): Links['links'][number] | undefined {
  return told.at(-1)?.links.find(({ name }) => name === 'eth1');
}

test('LinkWatcher tells of carrier, link and addresses as they change', async () => {
  await ip('link set far down');
  await until(() => eth1()?.carrier === false, 'the lost carrier');
  await ip('link set far up');
  await until(() => eth1()?.carrier === true, 'the carrier');
  await ip('address add 10.10.1.7/24 dev eth1');
  await until(() => eth1()?.addresses.some(({ address }) => address === '10.10.1.7') ?? false, 'the address');
  await ip('address flush dev eth1');
  await until(
    () => eth1()?.addresses.every(({ family }) => family !== 4) ?? false,
    'the end of the addresses',
  );
  await ip('link set eth1 down');
  await until(() => eth1()?.up === false, 'the end of the link');
  assert.ok(routes > 0, 'its routes went in silence: read again');
  assert.deepEqual(troubles, []);
});

test('LinkWatcher tells of a device that goes and comes back with another index', async () => {
  await ip('link del eth1');
  await until(() => told.length > 0 && eth1() === undefined, 'the end of the device');
  session.renew();
  await ip('link add eth1 index 702 type veth peer name far index 902');
  await until(() => eth1()?.index === 702, 'the new device');
});

test('LinkWatcher tells of foreign defaults', async () => {
  await ip('route add default via 10.10.1.254 dev eth1 proto dhcp metric 50');
  await until(() => told.at(-1)?.defaults[0]?.gateway === '10.10.1.254', 'the default');
  await ip('route del default');
  await until(() => told.at(-1)?.defaults.length === 0, 'its end');
});

test('LinkWatcher tells of foreign rules', async () => {
  await ip('rule add pref 4001 from 192.0.2.0/24 lookup 78');
  await until(() => told.at(-1)?.rules?.[0]?.text === 'from 192.0.2.0/24 lookup 78', 'the rule');
  await ip('rule del pref 4001');
  await until(() => told.at(-1)?.rules === undefined, 'its end');
});

test('LinkWatcher tells of our own routes and rules, without reading devices for it', async () => {
  await ip('route add 192.0.2.0/24 dev eth1 proto 77');
  await until(() => routes > 0, 'our route');
  routes = 0;
  await ip('rule add pref 4000 lookup 77 protocol 77');
  await until(() => routes > 0, 'our rule');
  await ip('rule del pref 4000');
  assert.deepEqual(told, []);
});

test('LinkWatcher is not woken by specific routes of others', async () => {
  for (const device of ['eth1', 'far']) await ip(`-6 address flush dev ${device}`); // or the end of DAD would wake it
  await listening();
  for (let i = 0; i < 50; i++) await ip(`route add 10.77.${i}.0/24 dev eth1 proto bgp`);
  await sleep(200);
  assert.deepEqual([told.length, routes], [0, 0]);
});

function monitorPid(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  return Number(children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('monitor')));
}

test('LinkWatcher reads everything when its monitor lost messages of the kernel', async () => {
  await listening();
  process.kill(monitorPid(), 'SIGSTOP');
  const routes = Array.from(
    { length: 20_000 },
    (_, i) => `route add 10.${i >> 8}.${i & 255}.0/24 dev eth1 proto bgp`,
  );
  await session.transact(routes, ['address show']);
  await ip('address add 10.99.0.9/24 dev eth1');
  process.kill(monitorPid(), 'SIGCONT');
  const isTold = () => eth1()?.addresses.some(({ address }) => address === '10.99.0.9') ?? false;
  await until(isTold, 'what the monitor lost');
});

test('LinkWatcher survives the death of its monitor, and reads what was missed', async () => {
  process.kill(monitorPid(), 'SIGKILL');
  await until(() => troubles.length === 1, 'the trouble');
  assert.match(troubles[0] ?? '', /ip monitor ended; it is restarted/);
  await ip('address add 10.10.1.9/24 dev eth1');
  await until(
    () => eth1()?.addresses.some(({ address }) => address === '10.10.1.9') ?? false,
    'what was missed',
  );
  await listening();
  await ip('link set far down');
  await until(() => eth1()?.carrier === false, 'what comes later');
});

test('LinkWatcher keeps the default routes it knows while ip fails, and reports that', async (t) => {
  await ip('route add default via 10.10.1.254 dev eth1');
  await until(() => told.at(-1)?.defaults[0]?.gateway === '10.10.1.254', 'the default');
  const folder = mkdtempSync(join(tmpdir(), 'failover-ip-'));
  const path = process.env['PATH'] ?? '';
  const fails = `case "$*" in '-N -j -4 -batch -') echo 'Cannot open netlink socket' >&2; exit 1 ;; esac`;
  const real = (await run('sh', ['-c', 'command -v ip'])).stdout.trim();
  writeFileSync(join(folder, 'ip'), `#!/bin/sh\n${fails}\nexec ${real} "$@"\n`, { mode: 0o755 });
  process.env['PATH'] = `${folder}:${path}`;
  t.after(() => rmSync(folder, { recursive: true }));
  told.length = 0;
  try {
    await ip('address add 10.10.1.9/24 dev eth1');
    await until(() => troubles.length > 0, 'the trouble');
  } finally {
    process.env['PATH'] = path;
  }
  assert.match(troubles[0] ?? '', /^devices cannot be read: ip .*route show default.*: Cannot open netlink/);
  assert.ok(told.length > 0);
  for (const { defaults } of told) assert.equal(defaults[0]?.gateway, '10.10.1.254');
  await ip('route del default via 10.10.1.254 dev eth1');
  await until(() => told.at(-1)?.defaults.length === 0, 'the next reading');
});

test('close() ends the telling', async () => {
  watcher.close();
  await ip('address add 10.10.1.8/24 dev eth1');
  await sleep(200);
  assert.deepEqual([told, routes, troubles], [[], 0, []]);
});

test('watch() tells soon of what changed before it began', async () => {
  const found: Links[] = [];
  const show = async (): Promise<readonly unknown[]> =>
    (await session.transact([], ['address show'])).rows[0] ?? [];
  const quiet = { routes: () => undefined, trouble: () => undefined };
  const late = new LinkWatcher(show, { links: (links) => found.push(links), ...quiet });
  await late.read();
  await ip('address add 10.10.1.9/24 dev eth1');
  late.watch();
  try {
    const has = () => JSON.stringify(found.at(-1) ?? '').includes('10.10.1.9');
    await until(has, 'the address is told'); // sooner than the next resync
  } finally {
    late.close();
  }
});

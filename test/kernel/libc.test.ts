import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Family } from '../../models/path.ts';
import {
  attachTun,
  boundSocket,
  closeDescriptor,
  deviceMtu,
  knownPathMtu,
  LibcError,
  tryLock,
  tunOpenFlags,
} from '../../src/kernel/libc.ts';
import { ip } from '../support/ip.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-libc-'));
after(() => rmSync(folder, { recursive: true }));
const loopback = Uint8Array.of(127, 0, 0, 1);
const six = Uint8Array.of(...Array<number>(15).fill(0), 1);

function icmpSocket(family: Family, interfaceName: string, address: Uint8Array): number {
  return boundSocket('icmp', family, { interfaceName, address, scopeId: 0 });
}

function code(name: string): (error: unknown) => boolean {
  return (error) => error instanceof LibcError && error.code === name;
}

test('boundSocket() binds to device and address, of both families', () => {
  closeDescriptor(icmpSocket(4, 'lo', loopback));
  closeDescriptor(icmpSocket(6, 'lo', six));
});

test('boundSocket() names the errno of what is in the way', () => {
  assert.throws(() => icmpSocket(4, 'nowhere', loopback), code('ENODEV'));
  assert.throws(() => icmpSocket(4, 'lo', Uint8Array.of(192, 0, 2, 1)), code('EADDRNOTAVAIL'));
});

test('boundSocket() says EACCES outside of ping_group_range', (t) => {
  try {
    writeFileSync('/proc/sys/net/ipv4/ping_group_range', '1 0');
  } catch (error) {
    return t.skip(`a user namespace knows no other group to leave us out (${String(error)}); run as root`);
  }
  assert.throws(() => icmpSocket(4, 'lo', loopback), code('EACCES'));
  writeFileSync('/proc/sys/net/ipv4/ping_group_range', '0 0');
});

test('deviceMtu() reads it, and names the errno', async () => {
  await ip('link set lo mtu 2345');
  assert.equal(deviceMtu('lo'), 2345);
  await ip('link set lo mtu 65536');
  assert.throws(() => deviceMtu('nowhere'), code('ENODEV'));
});

test('knownPathMtu() is what the route says, of both families', async () => {
  const local = (address: Uint8Array) => ({ interfaceName: 'lo', address, scopeId: 0 });
  assert.equal(knownPathMtu(6, local(six), six), 65_536);
  await ip('route add 192.0.2.0/24 dev lo mtu 1300');
  assert.equal(knownPathMtu(4, local(loopback), Uint8Array.of(192, 0, 2, 1)), 1300);
  const strange = local(Uint8Array.of(198, 51, 100, 1));
  assert.throws(() => knownPathMtu(4, strange, loopback), code('EADDRNOTAVAIL'));
});

test('boundSocket() leaks no descriptor when it fails', () => {
  const next = (): number => {
    const fd = openSync('/dev/null', 'r');
    closeSync(fd);
    return fd;
  };
  const before = next();
  for (let i = 0; i < 100; i++) assert.throws(() => icmpSocket(4, 'nowhere', loopback));
  assert.equal(next(), before);
});

test('tryLock() is exclusive between open files, until one is closed', () => {
  const [a, b] = [openSync(join(folder, 'lock'), 'w'), openSync(join(folder, 'lock'), 'w')];
  assert.equal(tryLock(a), true);
  assert.equal(tryLock(b), false);
  closeSync(a);
  assert.equal(tryLock(b), true);
  closeSync(b);
  assert.throws(() => tryLock(999), code('EBADF'));
});

test('attachTun() makes a device of that name', async (t) => {
  let fd: number;
  try {
    fd = openSync('/dev/net/tun', tunOpenFlags);
  } catch (error) {
    t.skip(`no tun device can be opened: ${String(error)}; load the module tun`);
    return;
  }
  attachTun(fd, 'tun9');
  assert.match(await ip('link show tun9'), /POINTOPOINT/);
  closeSync(fd);
  await assert.rejects(ip('link show tun9'), 'it ends with the descriptor');
  assert.throws(() => attachTun(999, 'tun9'), code('EBADF'));
});

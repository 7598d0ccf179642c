/** The device that tests of echoes send through: eth1, with eth0 in the namespace `far` at its other end. */
import assert from 'node:assert/strict';
import type { Binding, Family } from '../../../models/path.ts';
import type { TestResult } from '../../../models/test-result.ts';
import type { BoundEcho } from '../../../src/probes/echo/echo.ts';
import { createSocketEcho } from '../../../src/probes/echo/socket-echo.ts';
import { ip, linkIndex } from '../../support/ip.ts';

/** One echo of the usual size. */
export function once(bound: BoundEcho, address: string, timeoutMs = 1000): Promise<TestResult> {
  return bound.echo(address, { size: 56, timeoutMs, onLate: undefined });
}

export function assertPassed(result: TestResult): void {
  assert.ok(result.ok && result.rttMs >= 0, JSON.stringify(result));
}

/** What a path through eth1 is bound to now. */
export async function eth1(family: Family): Promise<Binding> {
  const address = family === 4 ? '10.1.1.1' : 'fd01::1';
  const interfaceIndex = await linkIndex('eth1');
  return { interfaceName: 'eth1', interfaceIndex, address, network: undefined, gateway: undefined };
}

/** A pair of devices, eth1 here and eth0 in the namespace `far`, with one address of every kind each. */
export async function newLink(): Promise<void> {
  await ip('link add eth1 type veth peer name eth0 netns far');
  for (const [where, device, host] of [
    ['', 'eth1', 1],
    ['-n far ', 'eth0', 2],
  ] as const) {
    await ip(`${where}link set ${device} addrgenmode none`);
    await ip(`${where}addr add 10.1.1.${host}/24 dev ${device}`);
    await ip(`${where}addr add fd01::${host}/64 dev ${device} nodad`);
    await ip(`${where}addr add fe80::${host}/64 dev ${device} nodad`);
    await ip(`${where}link set ${device} up`);
  }
  // The first packets over a new device get lost now and then.
  const echo = createSocketEcho();
  const bound = echo.bind(6, await eth1(6));
  const tryOnce = () => bound.echo('fd01::2', { size: 56, timeoutMs: 100, onLate: undefined });
  for (let tries = 0; tries < 50 && !(await tryOnce()).ok; tries += 1);
  bound.release();
}

/** The end of both. The device by itself first: the kernel takes its time with those of a namespace that is removed. */
export async function removeLink(): Promise<void> {
  await ip('link del eth1');
  await ip('netns del far');
}

/** A real WireGuard tunnel from the lab's router to its internet: wireguard-go, since few kernels of tests have their own. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/kernel/exec.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { flowTargets } from '../../src/lab/topology.ts';

/** The far end's address in the tunnel. */
export const farEnd = '10.99.0.1';

/** The router's end, in the words of a configuration of wg-quick. */
export interface TunnelConfig {
  readonly name: string;
  readonly text: string; // its keys and its endpoint are replaced
}

/** A tunnel that wg-quick brings up and down in the router. */
export interface Tunnel {
  up(): Promise<void>;
  down(): Promise<void>;
  forgetSource(): Promise<void>; // so that the next packet leaves with the address of the line it leaves by
}

const port = 51_821; // the router's own end listens on another

/** Starts the far end, and writes the router's configuration. */
export async function layTunnel(lab: Lab, { name, text }: TunnelConfig): Promise<Tunnel> {
  const [here, there] = [await keyPair(), await keyPair()];
  const file = join(lab.folder, `${name}.conf`);
  const endpoint = `${flowTargets[4]}:${port}`;
  const filled = { PrivateKey: here.secret, PublicKey: there.known, Endpoint: endpoint };
  const words = Object.entries(filled).reduce(
    (all, [key, value]) => all.replace(new RegExp(`^${key} = .*$`, 'm'), () => `${key} = ${value}`),
    text,
  );
  await writeFile(file, words, { mode: 0o600 });
  const secret = join(lab.folder, 'far.key');
  await writeFile(secret, there.secret, { mode: 0o600 });
  await inside(lab, 'internet', 'wireguard-go', 'far');
  const peer = ['peer', here.known, 'allowed-ips', '10.99.0.2/32,fd99::2/128'];
  await inside(lab, 'internet', 'wg', 'set', 'far', 'listen-port', `${port}`, 'private-key', secret, ...peer);
  for (const words of [
    `address add ${farEnd}/24 dev far`,
    'address add fd99::1/64 dev far',
    'link set far up',
  ])
    await inside(lab, 'internet', 'ip', ...words.split(' '));
  return {
    up: () => inside(lab, 'router', 'wg-quick', 'up', file),
    down: () => inside(lab, 'router', 'wg-quick', 'down', file),
    forgetSource: () => inside(lab, 'router', 'wg', 'set', name, 'peer', there.known, 'endpoint', endpoint),
  };
}

async function inside(lab: Lab, namespace: string, ...command: readonly string[]): Promise<void> {
  await lab.run(namespace, ['env', 'WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go', ...command]);
}

async function keyPair(): Promise<{ readonly secret: string; readonly known: string }> {
  const { stdout: secret } = await run('wg', ['genkey']);
  const { stdout: known } = await run('wg', ['pubkey'], { input: secret });
  return { secret: secret.trim(), known: known.trim() };
}

/** How many of `count` echoes through the tunnel are answered, or to another address, or with a mark. */
export async function answered(lab: Lab, words: readonly string[], count = 4): Promise<number> {
  const command = ['sh', '-c', `ping -n -i 0.2 -W 2 -c ${count} ${words.join(' ')} || true`];
  return Number(/(\d+) received/.exec(await lab.run('router', command))?.[1]);
}

/**
 * What a gateway with a health page of its own is in these tests: one of many addresses in an ISP's namespace, and an HTTP
 * server at port 9999 of all of them. Run as a program, `gateway-servers.ts`, it is the server: it takes lines
 * `ADDRESS STATUS` on its standard input, and prints `ready`.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import type { Lab } from '../../src/lab/lab.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';

/** Gateways that can fail. */
export interface GatewayServers {
  /** They answer nothing any more, at once; or they do again. */
  silence(addresses: readonly string[]): Promise<void>;
  revive(addresses: readonly string[]): Promise<void>;
  /** What the page of one says from now on. */
  answer(address: string, status: number): void;
  close(): void;
}

/** Puts gateways into the namespace of an ISP and starts their server. */
export async function addGateways(
  lab: Lab,
  isp: string,
  addresses: readonly string[],
): Promise<GatewayServers> {
  const present = new Set([lab.isp(isp).ends[4]?.gateway]);
  const added = addresses.filter((address) => !present.has(address));
  const batch = added.map((address) => `address add ${address}/32 dev customer\n`).join('');
  await lab.run(isp, ['ip', '-batch', '-'], batch);
  await lab.run(isp, ['nft', '-f', '-'], faults);
  const server = startInside(isp, nodeCommand(import.meta.filename));
  server.stderr.pipe(process.stderr);
  await once(server.stdout, 'data');
  const element = (verb: string) => (dead: readonly string[]) =>
    lab.run(isp, ['nft', verb, 'element', 'inet', 'gateways', 'dead', `{ ${dead.join(', ')} }`]);
  return {
    silence: async (dead) => void (await element('add')(dead)),
    revive: async (dead) => void (await element('delete')(dead)),
    answer: (address, status) => void server.stdin.write(`${address} ${status}\n`),
    close: () => void server.kill('SIGKILL'),
  };
}

const faults = `table inet gateways {
  set dead { type ipv4_addr; }
  chain input { type filter hook input priority 0; ip daddr @dead drop; }
}
`;

function serve(): void {
  const statuses = new Map<string, number>();
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [address = '', status] = line.split(' ');
    statuses.set(address, Number(status));
  });
  const server = createServer((request, response) => {
    response.writeHead(statuses.get(request.socket.localAddress ?? '') ?? 200).end('ok');
  });
  server.listen(9999, '0.0.0.0', () => console.log('ready'));
}

if (process.argv[1] === new URL(import.meta.url).pathname) serve();

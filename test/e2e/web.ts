/**
 * What checks by HTTP ask in these tests: a site on the internet, and captive portals at the ISPs, which take every request
 * for themselves. Run as a program, `web.ts site|portal`, it is the server: it prints `ready`, then a line per request.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Lab } from '../../src/lab/lab.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';

/** Where the site is. */
export const siteUrl = 'http://198.51.100.1/';
const portalPort = 8080;

/** A server that is asked. */
export interface WebServer {
  /** How often it was asked by an address, or by anyone, since it started. */
  requests(from?: string): number;
  /** Answers with that status from now on. */
  answer(status: number): void;
  close(): void;
}

/** A site whose front page is empty: status 204. */
export function openSite(): Promise<WebServer> {
  return openServer('internet', 'site');
}

/** A login page at an ISP, which nobody is led to yet. */
export function openPortal(isp: string): Promise<WebServer> {
  return openServer(isp, 'portal');
}

/** Everything the ISP's customer asks by HTTP is answered by its portal. Pings pass. */
export async function closeIn(lab: Lab, isp: string): Promise<void> {
  const redirect = `iifname "customer" tcp dport 80 redirect to :${portalPort}`;
  const chain = `chain p { type nat hook prerouting priority dstnat; ${redirect}; }`;
  await lab.run(isp, ['nft', '-f', '-'], `table ip portal {\n${chain}\n}\n`);
}

/** The customer has logged in. */
export async function letOut(lab: Lab, isp: string): Promise<void> {
  await lab.run(isp, ['nft', '-f', '-'], 'table ip portal\ndelete table ip portal\n');
}

async function openServer(namespace: string, kind: string): Promise<WebServer> {
  const server = startInside(namespace, [...nodeCommand(import.meta.filename), kind]);
  const from: string[] = [];
  server.stderr.pipe(process.stderr);
  await once(server.stdout, 'data');
  server.stdout.on('data', (text) => from.push(...String(text).split('\n').filter(Boolean)));
  return {
    requests: (address) => from.filter((other) => address === undefined || other === address).length,
    answer: (status) => void server.stdin.write(`${status}\n`),
    close: () => void server.kill('SIGKILL'),
  };
}

function serve(kind: string | undefined): void {
  let status = 204;
  process.stdin.on('data', (text) => {
    status = Number(String(text).trim().split('\n').at(-1));
  });
  const server = createServer((request, response) => {
    console.log(request.socket.remoteAddress);
    if (kind === 'portal') response.writeHead(302, { location: 'http://login.portal.test/' }).end();
    else response.writeHead(status).end();
  });
  server.listen(kind === 'portal' ? portalPort : 80, '0.0.0.0', () => console.log('ready'));
}

if (process.argv[1] === new URL(import.meta.url).pathname) serve(process.argv[2]);

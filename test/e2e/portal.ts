/**
 * A provider's own servers, which answer in place of those that were asked: every page leads to the login page (port 8080), and
 * every name has the address 10.66.66.66 (port 5353). With addresses as arguments: the real ones, which have a page
 * without content on port 80, and say 192.0.2.1 for every name on port 53. Prints `ready` when it listens.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const hosts = process.argv.slice(2);
const honest = hosts.length > 0;
const [webPort, dnsPort] = honest ? [80, 53] : [8080, 5353];
const address = honest ? [192, 0, 2, 1] : [10, 66, 66, 66];

const web = createServer((_request, response) => {
  if (honest) response.writeHead(204).end();
  else response.writeHead(302, { location: 'http://login.hotspot.test/?session=4711' }).end();
});

/** The question is repeated, with one A record for it (RFC 1035 4.1). */
function answer(query: Buffer): Buffer {
  const end = query.indexOf(0, 12) + 5; // of the question: name, type, class
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 6);
  header.fill(0, 8);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address]);
  return Buffer.concat([header, query.subarray(12, end), record]);
}

/** A socket for each address: one for all would answer from another address than was asked. */
function names(host: string): Promise<void> {
  const dns = createSocket('udp6');
  dns.on('message', (query, from) => dns.send(answer(query), from.port, from.address));
  return new Promise((resolve) => dns.bind(dnsPort, host, resolve));
}

await Promise.all([
  new Promise<void>((resolve) => web.listen(webPort, '::', resolve)),
  ...(honest ? hosts : ['::']).map(names),
]);
console.log('ready');

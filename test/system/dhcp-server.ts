/**
 * A DHCP server of one address (RFC 2131), for a line of the lab:
 *
 *   dhcp-server.ts SERVER ADDRESS/LENGTH SECONDS
 *
 * SERVER, its own address, is the gateway as well. Prints a line for each lease that it gives or renews.
 */
import { createSocket } from 'node:dgram';

const [server = '', network = '', lease = ''] = process.argv.slice(2);
const [address = '', length = ''] = network.split('/');
const leaseSeconds = Number(lease);
const magic = Buffer.from([99, 130, 83, 99]);
const kinds = { discover: 1, offer: 2, request: 3, refusal: 6, acknowledgement: 5 } as const;

const bytes = (text: string): number[] => text.split('.').map(Number);
const word = (value: number): number[] => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];
const mask = word((0xffff_ffff << (32 - Number(length))) >>> 0);

const socket = createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (request) => {
  const kind = optionOf(request, 53)?.[0];
  if (request[0] !== 1 || (kind !== kinds.discover && kind !== kinds.request)) return;
  const wanted = optionOf(request, 50) ?? request.subarray(12, 16); // requested, or in use (when renewing)
  const isWrong = kind === kinds.request && wanted.join('.') !== address;
  const answer = kind === kinds.discover ? kinds.offer : isWrong ? kinds.refusal : kinds.acknowledgement;
  const inUse = request.subarray(12, 16).join('.');
  const to = inUse === '0.0.0.0' || isWrong ? '255.255.255.255' : inUse;
  socket.send(reply(request, answer), 68, to);
  if (answer === kinds.acknowledgement) console.log(`${address} for ${leaseSeconds} s`);
});
socket.bind(67, () => {
  socket.setBroadcast(true);
  console.log('listening');
});
process.stdin.resume().on('end', () => process.exit());

/** The value of an option of a message. */
function optionOf(message: Buffer, wanted: number): Buffer | undefined {
  for (let at = 240; at < message.length && message[at] !== 255; ) {
    const [code = 0, size = 0] = message.subarray(at, at + 2);
    if (code === 0) at += 1;
    else if (code === wanted) return message.subarray(at + 2, at + 2 + size);
    else at += 2 + size;
  }
  return undefined;
}

function reply(request: Buffer, kind: number): Buffer {
  const head = Buffer.alloc(236);
  request.copy(head, 0, 0, 236);
  head[0] = 2; // a reply
  head.set(kind === kinds.refusal ? [0, 0, 0, 0] : bytes(address), 16); // yours
  head.set(bytes(server), 20);
  const options = [
    [53, 1, kind],
    [54, 4, ...bytes(server)],
    ...(kind === kinds.refusal
      ? []
      : [
          [51, 4, ...word(leaseSeconds)],
          [1, 4, ...mask],
          [3, 4, ...bytes(server)],
          [6, 4, ...bytes(server)],
        ]),
    [255],
  ];
  return Buffer.concat([head, magic, Buffer.from(options.flat()), Buffer.alloc(60)]);
}

/**
 * A process of the lab's internet: sends every UDP datagram back, with the time it was itself kept from
 * running written into bytes 8 to 15. `ECHO-SERVER PORT ADDRESS…`; ends with its stdin.
 */
import { createSocket } from 'node:dgram';
import { Stall } from './stall.ts';

const [port, ...addresses] = process.argv.slice(2);
const stall = new Stall();
let waiting = addresses.length;
for (const address of addresses) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (message, from) => {
    if (message.length >= 16) message.writeDoubleBE(stall.ms(), 8);
    socket.send(message, from.port, from.address);
  });
  // Answers to a customer without a route cannot be sent: the datagram is lost, which is what is measured.
  socket.on('error', (error) => process.stderr.write(`${error.message}\n`));
  socket.bind(Number(port), address, () => {
    waiting--;
    if (waiting === 0) process.stdout.write('ready\n');
  });
}
process.stdin.on('end', () => process.exit(0)).resume();

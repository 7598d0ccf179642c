/** A process of the lab's internet: sends every UDP datagram back. `ECHO-SERVER PORT ADDRESS…`; ends with its stdin. */
import { createSocket } from 'node:dgram';

const [port, ...addresses] = process.argv.slice(2);
let waiting = addresses.length;
for (const address of addresses) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (message, from) => socket.send(message, from.port, from.address));
  // Answers to a customer whose way is gone cannot be sent: the datagram is lost, which is what is measured.
  socket.on('error', (error) => process.stderr.write(`${error.message}\n`));
  socket.bind(Number(port), address, () => {
    waiting--;
    if (waiting === 0) process.stdout.write('ready\n');
  });
}
process.stdin.on('end', () => process.exit(0)).resume();

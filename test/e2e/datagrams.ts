/** `datagrams.ts FAMILY COUNT FIRST-PORT EVERY-MS`: sends from so many ports to the internet's port 9 again and again, and says when each has sent one. */
import { createSocket, type Socket } from 'node:dgram';
import { flowTargets } from '../../src/lab/topology.ts';

const [family, count, firstPort, everyMs] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
]; // four words are handed in
const target = flowTargets[family === 6 ? 6 : 4];
const sockets: Socket[] = [];
for (let i = 0; i < count; i += 1) {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  socket.on('error', () => undefined); // "unreachable" is an answer like any other
  await new Promise<void>((resolve) => socket.bind(firstPort + i, resolve));
  sockets.push(socket);
}

function sendAll(done?: () => void): void {
  let waiting = sockets.length;
  for (const socket of sockets)
    socket.send('x', 9, target, () => {
      waiting -= 1;
      if (waiting === 0) done?.();
    });
}

sendAll(() => process.stdout.write('sent\n'));
setInterval(sendAll, everyMs);

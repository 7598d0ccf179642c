/**
 * A process of the lab's router that sends as fast as the line allows, `UPLOAD-SENDER ADDRESS PORT`, over several
 * connections, each replaced when it ends. Prints `ready` when the first is open.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [address, port] = process.argv.slice(2);
const chunk = Buffer.alloc(65_536);
const pauseMs = 200;
const connections = 8; // one alone takes a minute to fill a long queue

/** Resolves when the connection has ended. */
function send(): Promise<void> {
  const socket = connect(Number(port), address);
  const fill = (): void => {
    while (socket.writable && socket.write(chunk));
  };
  socket.once('connect', () => process.stdout.write('ready\n'));
  socket.on('connect', fill).on('drain', fill);
  return new Promise((resolve) => {
    socket.on('error', () => socket.destroy()).on('close', () => resolve());
  });
}

async function keepSending(): Promise<never> {
  for (;;) {
    await send();
    await sleep(pauseMs);
  }
}

for (let i = 0; i < connections; i += 1) void keepSending();

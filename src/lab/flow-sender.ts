/**
 * A process of the lab's router: one UDP datagram per period to an echo server, `FLOW-SENDER ADDRESS PORT
 * PERIOD_MS LATE_MS`. The source is not bound, so each datagram follows the routes of that moment. Prints one
 * line per datagram once its fate is known, in order of sending: `SENT_AT RTT_MS`, or `SENT_AT -` for lost.
 * Time during which this process or the server was kept from running does not count, up to half a second.
 * When stdin ends it stops sending, waits for the remaining answers, and exits.
 */
import { createSocket } from 'node:dgram';
import { now } from './now.ts';
import { Stall } from './stall.ts';

const [address = '', port, period, late] = process.argv.slice(2);
const [periodMs, lateMs] = [Number(period), Number(late)];
const graceMs = 500; // for answers that are late only because of a stall
const stall = new Stall();
const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
const pending: { readonly sentAt: number; rttMs?: number; lost?: boolean }[] = [];
let first = 0; // sequence number of pending[0]
let sending = true;
let due = performance.now();

socket.on('message', (message) => {
  const fate = pending[message.readUInt32BE(0) - first];
  if (fate === undefined || fate.lost) return;
  const rttMs = now() - fate.sentAt;
  const stalledMs = stall.ms() + message.readDoubleBE(8);
  if (rttMs <= lateMs) fate.rttMs = rttMs;
  else if (rttMs - stalledMs <= lateMs) fate.rttMs = lateMs;
});
socket.on('error', (error) => process.stderr.write(`${error.message}\n`));

function send(): void {
  const fate: (typeof pending)[number] = { sentAt: now() };
  const message = Buffer.alloc(64);
  message.writeUInt32BE(first + pending.push(fate) - 1, 0);
  socket.send(message, Number(port), address, (error) => {
    if (error) fate.lost = true; // no route, or no buffer: it never left
  });
}

/** Prints what has been decided, up to the first datagram that may still be answered. */
function settle(): void {
  const overdue = now() - lateMs - graceMs;
  const lines: string[] = [];
  while (pending[0] && (pending[0].rttMs !== undefined || pending[0].lost || pending[0].sentAt < overdue)) {
    lines.push(`${pending[0].sentAt.toFixed(3)} ${pending[0].rttMs?.toFixed(3) ?? '-'}\n`);
    pending.shift();
    first++;
  }
  if (lines.length > 0) process.stdout.write(lines.join(''));
}

/** Sends all that are due: a stalled machine causes a burst, not a gap. */
function beat(): void {
  while (sending && due <= performance.now()) {
    send();
    due += periodMs;
  }
  // Answers waiting in the socket are read before overdue datagrams count as lost.
  setImmediate(() => setImmediate(settle));
  if (sending || pending.length > 0)
    setTimeout(beat, Math.max(1, Math.min(periodMs, due - performance.now())));
  else process.exit(0);
}

process.stdin
  .on('end', () => {
    sending = false;
  })
  .resume();
socket.bind(0, beat);

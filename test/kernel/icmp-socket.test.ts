import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Family } from '../../models/path.ts';
import { run } from '../../src/kernel/exec.ts';
import { IcmpSocket, type IcmpSocketKind, peerAddress } from '../../src/kernel/icmp-socket.ts';
import { LibcError } from '../../src/kernel/libc.ts';
import { EchoRequestPacket } from '../../src/probes/echo/icmp.ts';
import { until } from '../support/until.ts';

const opened: IcmpSocket[] = [];
after(() => {
  for (const socket of opened) socket.close();
});

const loopback = {
  4: Uint8Array.of(127, 0, 0, 1),
  6: Uint8Array.of(...Array<number>(15).fill(0), 1),
} as const;

function open(kind: IcmpSocketKind, family: Family, whole = false): IcmpSocket {
  const local = { interfaceName: 'lo', address: loopback[family], scopeId: 0 };
  const socket = new IcmpSocket({ kind, family, local, whole });
  opened.push(socket);
  return socket;
}

/** Sends one echo to the loopback address. */
function send(socket: IcmpSocket, family: Family, sequence: number): void {
  const packet = new EchoRequestPacket(family, 56, socket.identifier);
  packet.number(sequence);
  assert.equal(socket.send(packet.bytes, peerAddress(family, loopback[family])), undefined);
}

/** The sequence numbers of all answers that a socket holds, and how many packets it took to read them. */
function answers(socket: IcmpSocket): { sequences: number[]; packets: number } {
  const sequences: number[] = [];
  let packets = 0;
  while (socket.receive((sequence) => sequences.push(sequence))) packets += 1;
  return { sequences, packets };
}

for (const kind of ['icmp', 'raw icmp'] as const)
  for (const family of [4, 6] as const)
    test(`${kind} sockets of IPv${family} get the answers to their own echoes, and nothing else`, async () => {
      const [one, other] = [open(kind, family), open(kind, family)];
      let wakes = 0;
      other.watch(
        () => {
          wakes += 1;
        },
        () => assert.fail('it broke'),
      );
      for (let sequence = 0; sequence < 5; sequence += 1) send(one, family, 65_533 + sequence - 3);
      const ping = await run('ping', [
        `-${family}`,
        '-c',
        '5',
        '-i',
        '0.01',
        family === 4 ? '127.0.0.1' : '::1',
      ]);
      assert.equal(ping.code, 0);
      await new Promise((resolve) => setTimeout(resolve, 50)); // the loop has polled since
      assert.deepEqual(answers(one), { sequences: [65_530, 65_531, 65_532, 65_533, 65_534], packets: 5 });
      assert.equal(wakes, 0);
      send(other, family, 7);
      await until(() => wakes > 0, 'a wake-up');
      assert.deepEqual(answers(other), { sequences: [7], packets: 1 });
      assert.deepEqual(answers(one), { sequences: [], packets: 0 });
    });

test('raw sockets that do without fragments say what is too large', () => {
  for (const family of [4, 6] as const) {
    const socket = open('raw icmp', family, true);
    const packet = new EchoRequestPacket(family, 65_508, socket.identifier);
    assert.equal(socket.send(packet.bytes, peerAddress(family, loopback[family])), 'EMSGSIZE');
  }
});

test('a socket that cannot be opened says why', () => {
  const local = { interfaceName: 'nowhere', address: loopback[4], scopeId: 0 };
  for (const kind of ['icmp', 'raw icmp'] as const)
    assert.throws(
      () => new IcmpSocket({ kind, family: 4, local, whole: false }),
      (error) => error instanceof LibcError && error.code === 'ENODEV',
    );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pingFailure } from '../../../src/probes/echo/ping-program.ts';
import { eth1 } from '../virtual-lab.ts';

const unanswered = `PING 8.8.8.8 (8.8.8.8) from 10.1.1.1 eth1: 56(84) bytes of data.

--- 8.8.8.8 ping statistics ---
1 packets transmitted, 0 received, 100% packet loss, time 0ms
`;

// As iputils 20221126 prints it.
for (const [output, reason, code] of [
  [unanswered, 'no answer within 300 ms', 'no-answer'],
  ['ping: SO_BINDTODEVICE eth1: No such device', 'interface eth1 is missing', 'not-run'],
  ['ping: unknown iface: eth1', 'interface eth1 is missing', 'not-run'],
  ['ping: bind: Cannot assign requested address', 'address 10.1.1.1 is gone from eth1', 'not-run'],
  [
    'ping: bind icmp socket: Cannot assign requested address',
    'address 10.1.1.1 is gone from eth1',
    'not-run',
  ],
  ['ping: sendmsg: No buffer space available', 'the send buffer of eth1 is full', 'not-run'],
  [
    'ping: connect: Network is unreachable',
    'no route through eth1 (ping: Network is unreachable)',
    'unreachable',
  ],
  [
    'PING 8.8.8.8 (8.8.8.8)\nFrom 10.1.1.1 icmp_seq=1 Destination Host Unreachable',
    'no route through eth1 (ping: Host Unreachable)',
    'unreachable',
  ],
  [
    'From 10.1.1.254 icmp_seq=1 Frag needed and DF set (mtu = 1400)',
    'the packet is too large for the path through eth1',
    'too-large',
  ],
  [
    'From fe80::1 icmp_seq=1 Packet too big: mtu=1400',
    'the packet is too large for the path through eth1',
    'too-large',
  ],
  ['ping: something new', 'the ping program failed: something new', 'not-run'],
] as const)
  test(`pingFailure() of "${output.split('\n').at(-1) || 'silence'}"`, () => {
    const expected = { ok: false, code, ...(code === 'no-answer' ? { afterMs: 300 } : {}), reason };
    assert.deepEqual(pingFailure(output, { family: 4, binding: eth1 }, 300), expected);
  });

test('pingFailure() says how ping may be permitted', () => {
  const failure = pingFailure(
    'ping: socktype: SOCK_RAW\nping: => missing cap_net_raw+p capability',
    { family: 4, binding: eth1 },
    300,
  );
  assert.match(failure.reason, /ping_group_range/);
  assert.equal(failure.code, 'not-run');
});

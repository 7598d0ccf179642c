import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConnection } from '../../src/kernel/conntrack.ts';
import { localEnd } from '../../src/kernel/local-sockets.ts';

const line =
  'tcp      6 431999 ESTABLISHED src=192.168.77.2 dst=198.51.100.1 sport=40000 dport=7010 packets=3 bytes=164 src=198.51.100.1 dst=10.10.1.1 sport=7010 dport=1024 packets=2 bytes=112 [ASSURED] mark=16777282 use=1';

test('readConnection() reads both directions and the mark', () => {
  assert.deepEqual(readConnection(line), {
    protocol: 'tcp',
    mark: 0x01000042,
    original: { from: '192.168.77.2', to: '198.51.100.1', fromPort: 40000, toPort: 7010 },
    reply: { from: '198.51.100.1', to: '10.10.1.1', fromPort: 7010, toPort: 1024 },
  });
  const echo =
    'icmp     1 29 src=10.10.1.1 dst=1.1.1.1 type=8 code=0 id=7 src=1.1.1.1 dst=10.10.1.1 type=0 code=0 id=7 mark=0 use=1';
  assert.deepEqual(readConnection(echo)?.original, {
    from: '10.10.1.1',
    to: '1.1.1.1',
    fromPort: undefined,
    toPort: undefined,
  });
  assert.equal(
    readConnection('conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.'),
    undefined,
  );
});

test("localEnd() finds this machine's socket, whoever began, and none of what is forwarded", () => {
  const own = '10.10.1.1';
  const read = (text: string) => {
    const connection = readConnection(text);
    assert.ok(connection);
    return localEnd(connection, new Set(['2001:db8::7', own]));
  };
  assert.equal(read(line), undefined);
  const out =
    'tcp 6 9 SYN_SENT src=10.10.1.1 dst=1.1.1.1 sport=5 dport=443 src=1.1.1.1 dst=10.10.1.1 sport=443 dport=5 mark=1 use=1';
  assert.deepEqual(read(out), { address: own, port: 5, peer: '1.1.1.1', peerPort: 443 });
  const inward =
    'tcp 6 9 ESTABLISHED src=1.1.1.1 dst=10.10.1.1 sport=6 dport=22 src=10.10.1.1 dst=1.1.1.1 sport=22 dport=6 mark=1 use=1';
  assert.deepEqual(read(inward), { address: own, port: 22, peer: '1.1.1.1', peerPort: 6 });
});

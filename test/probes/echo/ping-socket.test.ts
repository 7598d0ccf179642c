import '../../support/own-network.ts';
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Binding, Family } from '../../../models/path.ts';
import type { Success, TestResult } from '../../../models/test-result.ts';
import { run } from '../../../src/kernel/exec.ts';
import type { BoundEcho } from '../../../src/probes/echo/echo.ts';
import { createSocketEcho } from '../../../src/probes/echo/socket-echo.ts';
import { ip, nft, tc } from '../../support/ip.ts';
import { until } from '../../support/until.ts';
import { assertPassed, eth1, newLink, once, removeLink } from './eth1.ts';

/** Keeps this process from doing anything else. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

for (const raw of [undefined, 'for this test'])
  describe(`echo on ${raw === undefined ? 'ping' : 'raw'} sockets`, () => {
    const echo = createSocketEcho(raw);
    let taken: BoundEcho[] = [];

    before(async () => {
      await ip('netns add far');
      await newLink();
    });
    after(removeLink);

    /** Echoes bound to eth1 as it is now; given back at the end of the test. */
    async function onEth1(family: Family, change: Partial<Binding> = {}): Promise<BoundEcho> {
      const bound = echo.bind(family, { ...(await eth1(family)), ...change });
      taken.push(bound);
      return bound;
    }

    function released<T>(body: () => Promise<T>): () => Promise<void> {
      return async () => {
        try {
          await body();
        } finally {
          for (const bound of taken) bound.release();
          taken = [];
        }
      };
    }

    for (const [family, target] of [
      [4, '10.1.1.2'],
      [6, 'fd01::2'],
      [6, 'FD01:0:0::0002'],
      [6, 'fe80::2'],
      [6, 'fe80::2%eth1'],
    ] as const)
      test(
        `echo() passes with ${target}`,
        released(async () => assertPassed(await once(await onEth1(family), target))),
      );

    test(
      'echo() sends from a link-local address',
      released(async () => assertPassed(await once(await onEth1(6, { address: 'fe80::1' }), 'fe80::2'))),
    );

    test(
      'echo() carries 1 to 65507 bytes',
      released(async () => {
        const bound = await onEth1(4);
        for (const size of [1, 1400, 9000, 65_507])
          assertPassed(await bound.echo('10.1.1.2', { size, timeoutMs: 1000, onLate: undefined }));
      }),
    );

    test(
      'echo() says that nothing answered',
      released(async () => {
        const silence = { ok: false, code: 'no-answer', afterMs: 60, reason: 'no answer within 60 ms' };
        assert.deepEqual(await once(await onEth1(4), '10.1.1.77', 60), silence);
        assert.deepEqual(await once(await onEth1(6), 'fd01::77', 60), silence);
      }),
    );

    test(
      'echo() says that the interface is missing',
      released(async () => {
        const bound = await onEth1(4, { interfaceName: 'eth9' });
        const reason = 'interface eth9 is missing';
        assert.deepEqual(await once(bound, '10.1.1.2'), { ok: false, code: 'not-run', reason });
      }),
    );

    for (const [family, address, prefix, target] of [
      [4, '10.1.1.1', 24, '10.1.1.2'],
      [6, 'fd01::1', 64, 'fd01::2'],
    ] as const)
      test(
        `echo() says that ${address} is gone, and recovers when it is back`,
        released(async () => {
          const bound = await onEth1(family);
          assertPassed(await once(bound, target));
          await ip(`addr del ${address}/${prefix} dev eth1`);
          const reason = `address ${address} is gone from eth1`;
          assert.deepEqual(await once(bound, target, 100), { ok: false, code: 'not-run', reason });
          await ip(`addr add ${address}/${prefix} dev eth1${family === 6 ? ' nodad' : ''}`);
          // The neighbour may have to be found anew, which costs the first packets.
          await until(async () => (await once(bound, target)).ok, 'an answer');
        }),
      );

    test(
      'echo() fails where there is no route',
      released(async () => {
        const six = { ok: false, code: 'unreachable', reason: 'no route to 2001:db8::1 through eth1' };
        assert.deepEqual(await once(await onEth1(6), '2001:db8::1'), six);
        // A bound IPv4 socket sends to the link what no route covers, and even what a route calls unreachable
        // (linux net/ipv4/route.c, ip_route_output_key_hash_rcu), so it needs a device that is down.
        await ip('link set eth1 down');
        const four = { ok: false, code: 'unreachable', reason: 'no route to 10.1.1.2 through eth1' };
        const result = await once(await onEth1(4), '10.1.1.2');
        await ip('link del eth1');
        await newLink();
        assert.deepEqual(result, four);
      }),
    );

    test(
      'echo() says that a firewall rule of this machine forbids it',
      released(async () => {
        await nft('add table inet t; add chain inet t o { type filter hook output priority 0; }');
        await nft('add rule inet t o oifname eth1 icmp type echo-request drop');
        const result = await once(await onEth1(4), '10.1.1.2');
        await nft('delete table inet t');
        const reason = 'a firewall rule of this machine forbids echo requests through eth1';
        assert.deepEqual(result, { ok: false, code: 'not-run', reason });
      }),
    );

    test(
      'echo() says that the send buffer is full',
      released(async () => {
        const bound = await onEth1(4);
        assertPassed(await once(bound, '10.1.1.2'));
        await tc('qdisc add dev eth1 root tbf rate 8kbit burst 2000 limit 10000000');
        const request = { size: 60_000, timeoutMs: 60, onLate: undefined };
        const results = await Promise.all(Array.from({ length: 40 }, () => bound.echo('10.1.1.2', request)));
        await tc('qdisc del dev eth1 root');
        const full = results.filter(
          (result) => !result.ok && result.reason === 'the send buffer of eth1 is full',
        );
        assert.ok(full.length > 0, JSON.stringify(results));
        assert.ok(full.every((result) => !result.ok && result.code === 'not-run'));
      }),
    );

    test(
      'echo() refuses what is no address of its family',
      released(async () => {
        const reason = '"fd01::2" is not an IPv4 address';
        assert.deepEqual(await once(await onEth1(4), 'fd01::2'), { ok: false, code: 'not-run', reason });
      }),
    );

    test(
      'onLate is told of an answer after the deadline',
      released(async () => {
        // Requests wait in the kernel until the neighbour is known, and it is not while ARP is dropped.
        await nft(
          'add table netdev t; add chain netdev t i { type filter hook ingress device eth1 priority 0; }',
        );
        await nft('add rule netdev t i ether type arp drop');
        await ip('neigh flush dev eth1');
        const bound = await onEth1(4);
        const late: number[] = [];
        const onLate = ({ rttMs }: Success) => void late.push(rttMs);
        const result = await bound.echo('10.1.1.2', { size: 56, timeoutMs: 50, onLate });
        await nft('delete table netdev t');
        assert.deepEqual(result, {
          ok: false,
          code: 'no-answer',
          afterMs: 50,
          reason: 'no answer within 50 ms',
        });
        await until(() => late.length > 0, 'a late answer');
        assert.equal(late.length, 1);
        assert.ok((late[0] ?? 0) >= 50, String(late));
      }),
    );

    test(
      'echo() counts an answer that waits while this process is stalled',
      released(async () => {
        const bound = await onEth1(4);
        assertPassed(await once(bound, '10.1.1.2'));
        const result = once(bound, '10.1.1.2', 50);
        stall(200);
        assertPassed(await result);
      }),
    );

    for (const [family, target] of [
      [4, '10.1.1.2'],
      [6, 'fd01::2'],
    ] as const)
      test(
        `echo() times the way to ${target} and back, not what holds up this process`,
        released(async () => {
          const bound = await onEth1(family);
          const first = await once(bound, target);
          assert.ok(first.ok && first.untimed, 'the first echo may wait for the neighbour');
          const quickest = async (stallMs: number) => {
            const result = once(bound, target);
            stall(stallMs);
            const ended = await result;
            return ended.ok && !ended.untimed ? ended.rttMs : Number.POSITIVE_INFINITY;
          };
          await until(async () => (await quickest(0)) < 10, 'an RTT');
          await until(async () => (await quickest(200)) < 10, 'an RTT without the stall');
        }),
      );

    test(
      'echo() goes on when the device was re-created, bound anew or not',
      released(async () => {
        const old = await onEth1(4);
        const { interfaceIndex } = await eth1(4);
        assertPassed(await once(old, '10.1.1.2'));
        await ip('link del eth1');
        const reason = 'interface eth1 is missing';
        assert.deepEqual(await once(old, '10.1.1.2'), { ok: false, code: 'not-run', reason });
        await newLink();
        assert.notEqual((await eth1(4)).interfaceIndex, interfaceIndex);
        assertPassed(await once(await onEth1(4), '10.1.1.2'));
        assertPassed(await once(old, '10.1.1.2'));
      }),
    );

    test(
      'echo() loses none of 1,000 in a second',
      released(async () => {
        const bound = await onEth1(4);
        const results: Promise<TestResult>[] = [];
        for (let batch = 0; batch < 20; batch += 1) {
          for (let i = 0; i < 50; i += 1) results.push(once(bound, '10.1.1.2', 3000));
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        for (const result of await Promise.all(results)) assertPassed(result);
      }),
    );

    test(
      'echo() takes the first of several answers',
      released(async () => {
        await nft(
          'add table netdev t; add chain netdev t o { type filter hook egress device eth0 priority 0; }',
          'far',
        );
        await nft('add rule netdev t o icmp type echo-reply dup to eth0', 'far');
        const bound = await onEth1(4);
        for (let i = 0; i < 20; i += 1) assertPassed(await once(bound, '10.1.1.2'));
        assert.equal((await once(bound, '10.1.1.77', 60)).ok, false);
        await nft('delete table netdev t', 'far');
      }),
    );

    test(
      'echo() through two devices at the same time, beside pings of others, takes its own answers only',
      released(async () => {
        const others = run('ping', ['-q', '-c', '50', '-i', '0.01', '-I', 'eth1', '10.1.1.2']);
        const [one, lo] = [await onEth1(4), await onEth1(4, { interfaceName: 'lo', address: '127.0.0.1' })];
        for (let i = 0; i < 50; i += 1) {
          const [there, here, dead] = await Promise.all([
            once(one, '10.1.1.2'),
            once(lo, '127.0.0.1'),
            once(one, '10.1.1.77', 10),
          ]);
          assertPassed(there);
          assertPassed(here);
          assert.equal(dead.ok, false);
        }
        assert.match((await others).stdout, /50 received/);
      }),
    );

    test('release() closes what is not used any more, and only that', async () => {
      const binding = await eth1(4);
      const descriptors = () => readdirSync('/proc/self/fd').length;
      const before = descriptors();
      const [a, b] = [echo.bind(4, binding), echo.bind(4, binding)];
      assertPassed(await once(a, '10.1.1.2'));
      assertPassed(await once(b, '10.1.1.2'));
      assert.equal(descriptors(), before + 1);
      a.release();
      a.release();
      assertPassed(await once(b, '10.1.1.2'));
      const pending = once(b, '10.1.1.77');
      b.release();
      const abandoned = { ok: false, code: 'not-run', reason: 'the check was abandoned' };
      assert.deepEqual(await pending, abandoned);
      assert.deepEqual(await once(b, '10.1.1.2'), abandoned);
      assert.equal(descriptors(), before);
      for (let i = 0; i < 300; i += 1) {
        const bound = echo.bind(4, binding);
        assertPassed(await once(bound, '10.1.1.2'));
        bound.release();
        const missing = echo.bind(4, { ...binding, address: '10.9.9.9' });
        assert.equal((await once(missing, '10.1.1.2')).ok, false);
        missing.release();
      }
      assert.equal(descriptors(), before);
    });
  });

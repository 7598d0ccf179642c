import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { IpSession } from '../../src/kernel/ip-session.ts';
import { ip, linkIndex } from '../support/ip.ts';
import { until } from '../support/until.ts';

const show = 'route show table 77';

/** The one `ip` process this process has, once those of earlier tests have ended. */
async function child(): Promise<number> {
  await until(() => children().length === 1, 'a single child');
  return children()[0] ?? 0;
}

function children(): number[] {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  return pids.filter((pid) => {
    try {
      return /^\d+ \(ip\) [^Z]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false; // it has ended
    }
  });
}

test('transact() answers every query with its rows, empty ones too', async () => {
  const session = new IpSession();
  const { rows, refusals } = await session.transact([], [show, 'link show dev lo']);
  assert.equal(rows.length, 2);
  assert.deepEqual(rows[0], []);
  assert.match(JSON.stringify(rows[1]), /"ifname":"lo"/);
  assert.deepEqual(refusals, []);
  session.close();
});

test('transact() names refused commands and carries out those after them, time and again', async () => {
  const session = new IpSession(['-4']);
  const bad = ['route add 10.0.0.0/24 dev nowhere table 77', 'no such words'];
  for (let i = 0; i < 3; i++) {
    const good = [`route add unreachable 10.0.${i}.0/24 table 77`];
    const { rows, refusals } = await session.transact([bad[0] ?? '', ...good, bad[1] ?? '', ...good], [show]);
    assert.deepEqual(
      refusals.map(({ command }) => command),
      [...bad, ...good],
    );
    assert.match(refusals[0]?.message ?? '', /Cannot find device "nowhere"/);
    assert.match(refusals[2]?.message ?? '', /File exists/);
    assert.equal(rows[0]?.length, i + 1);
  }
  session.close();
  await ip('route flush table 77');
});

test('transact() keeps the order of many at once', async () => {
  const session = new IpSession(['-4']);
  const asked = Array.from({ length: 50 }, (_, i) =>
    session.transact([`route add unreachable 10.1.${i}.0/24 table 77`], [show]),
  );
  const counts = (await Promise.all(asked)).map(({ rows }) => rows[0]?.length);
  assert.deepEqual(
    counts,
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
  await child();
  session.close();
  await ip('route flush table 77');
});

test('transact() fails with its child, and the next one has a new child', async () => {
  const session = new IpSession();
  await session.transact([], [show]);
  const stopped = await child();
  process.kill(stopped, 'SIGSTOP');
  const asked = session.transact([], [show]);
  process.kill(stopped, 'SIGKILL');
  await assert.rejects(asked, /the ip session/);
  assert.equal((await session.transact([], [show])).rows.length, 1);

  const killed = await child();
  process.kill(killed, 'SIGKILL');
  // Its end may be noticed before the question is written, or after.
  await session.transact([], [show]).catch((error: Error) => assert.match(error.message, /the ip session/));
  assert.equal((await session.transact([], [show])).rows.length, 1);
  assert.notEqual(await child(), killed);
  session.close();
});

test('transact() gives up on a child that hangs', async () => {
  const session = new IpSession();
  await session.transact([], [show]);
  process.kill(await child(), 'SIGSTOP');
  const first = session.transact([], [show]);
  const second = session.transact([], [show]);
  await assert.rejects(first, /did not answer within 5000 ms/);
  assert.equal((await second).rows.length, 1);
  session.close();
});

test('transact() without ip says what to install', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = '/nowhere';
  const session = new IpSession();
  await assert.rejects(session.transact([], [show]), /ip could not be started: .*install iproute2/);
  process.env['PATH'] = PATH;
  assert.equal((await session.transact([], [show])).rows.length, 1, 'and tries again');
  session.close();
});

test('renew() forgets the indexes of devices that were made again', async () => {
  await ip('link add again type veth peer name other');
  const session = new IpSession(['-4']);
  await session.transact(['link set again up'], ['link show dev again']);
  await ip('link del again');
  await ip('link add filler type bridge');
  await ip('link add again type veth peer name other');
  await ip('link set again up');
  session.renew();
  const { rows, refusals } = await session.transact(['route add 10.2.0.0/24 dev again table 77'], [show]);
  assert.deepEqual(refusals, []);
  assert.match(JSON.stringify(rows[0]), /"dev":"again"/);
  assert.ok((await linkIndex('again')) > 0);
  session.close();
  await ip('link del again');
});

test('transact() takes a fresh ip for every few hundred commands, whose memory would grow with each', async () => {
  const session = new IpSession(['-4']);
  const pids = new Set<number>();
  for (let i = 0; i < 40; i++) {
    const commands = Array.from(
      { length: 100 },
      (_, n) => `route replace unreachable 10.3.${n}.0/24 table 77`,
    );
    const { rows, refusals } = await session.transact(commands, [show]);
    assert.deepEqual([rows[0]?.length, refusals], [100, []]);
    pids.add(await child());
  }
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${await child()}/status`, 'utf8'))?.[1];
  assert.ok(Number(resident) < 8192, `${resident} kB after 4,000 commands`);
  assert.ok(pids.size >= 7 && pids.size <= 9, `${pids.size} processes`);
  session.close();
  await ip('route flush table 77');
});

test('close() fails what waits, and what comes', async () => {
  const session = new IpSession();
  const asked = [session.transact([], [show]), session.transact([], [show])];
  session.close();
  for (const each of asked) await assert.rejects(each, /closed/);
  await assert.rejects(session.transact([], [show]), /closed/);
});

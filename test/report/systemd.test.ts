import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, mock, test } from 'node:test';
import { start } from '../../src/kernel/exec.ts';
import { LibcError, sendUnixDatagram } from '../../src/kernel/libc.ts';
import { supervise } from '../../src/report/systemd.ts';
import { until } from '../support/until.ts';

const socket = '/run/notify-of-a-test';
const quiet = { warn: (sentence: string) => assert.fail(sentence) };

afterEach(() => mock.timers.reset());

let clockMs = 0;

/** Lets time pass: that of timers, and that of the monotonic clock. The wall clock stays, or goes where a test puts it. */
function pass(ms: number): void {
  for (let passed = 0; passed < ms; passed += 50) {
    clockMs += 50;
    mock.timers.tick(50);
  }
}

/** What was sent, a message each. */
function supervised(
  env: Record<string, string>,
  status = () => 'IPv4 goes through a',
): [ReturnType<typeof supervise>, string[]] {
  const sent: string[] = [];
  const send = (path: string, message: string): void => {
    assert.equal(path, socket);
    sent.push(message);
  };
  return [supervise({ NOTIFY_SOCKET: socket, ...env }, { ...quiet, status, send, now: () => clockMs }), sent];
}

test('supervise() without systemd sends nothing', () => {
  const send = (): never => assert.fail('sent');
  const none = supervise({}, { ...quiet, status: () => '', send });
  none.ready();
  none.reloading();
  none.stopping();
});

test('supervise() says READY with one line of status, RELOADING with the time, STOPPING', () => {
  const [life, sent] = supervised({}, () => 'a is\nactive');
  life.ready();
  life.reloading();
  life.ready();
  life.stopping();
  assert.equal(sent[0], 'READY=1\nSTATUS=a is active');
  assert.match(sent[1] ?? '', /^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  assert.equal(sent[2], 'READY=1'); // the status is no news
  assert.match(sent[3] ?? '', /^STOPPING=1\n/);
});

test('supervise() gives signs of life at half the interval at the latest, and none after stopping', () => {
  mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const [life, sent] = supervised({ WATCHDOG_USEC: '15000000' });
  life.ready();
  const longest = longestSilence(sent, 60);
  assert.ok(longest <= 7.5, `${longest} s without a sign`);
  assert.ok(longest >= 5, 'far more signs than needed');
  life.stopping();
  sent.length = 0;
  pass(60_000);
  assert.deepEqual(sent, []);
});

test('supervise() goes on with signs of life when the wall clock is set back, or forward', (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  const wallClock = t.mock.method(Date, 'now', () => 1e12);
  const [life, sent] = supervised({ WATCHDOG_USEC: '3000000' });
  life.ready();
  for (const stepMs of [-3_600_000, 3_600_000]) {
    wallClock.mock.mockImplementation(() => 1e12 + stepMs);
    const longest = longestSilence(sent, 9);
    assert.ok(longest <= 1.5, `${longest} s without a sign after a step of ${stepMs} ms`);
  }
});

test('supervise() leaves no gap between signs of life over reloads in a row', () => {
  mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const [life, sent] = supervised({ WATCHDOG_USEC: '3000000' });
  life.ready();
  let longest = 0;
  for (let i = 0; i < 6; i++) {
    longest = Math.max(longest, longestSilence(sent, 1.2));
    life.reloading();
    longest = Math.max(longest, longestSilence(sent, 1.8)); // slow ones
    life.ready();
    assert.match(sent.at(-1) ?? '', /^READY=1\nWATCHDOG=1$/);
  }
  assert.ok(longest <= 1.5, `${longest} s without a sign`);
});

/** How many seconds at most went by without a sign of life, of so many; beginning with one. */
function longestSilence(sent: string[], seconds: number): number {
  sent.length = 0;
  let [longest, since] = [0, 0];
  for (let passed = 0; passed < seconds * 1000; passed += 50) {
    pass(50);
    since += 50;
    longest = Math.max(longest, since);
    if (sent.splice(0).some((message) => message.includes('WATCHDOG=1'))) since = 0;
  }
  return longest / 1000;
}

test('supervise() tells a new status within seconds, and no sign of life that is meant for another process', () => {
  mock.timers.enable({ apis: ['setInterval', 'Date'] });
  let status = 'one';
  const [life, sent] = supervised({ WATCHDOG_USEC: '15000000', WATCHDOG_PID: '1' }, () => status);
  life.ready();
  status = 'two';
  pass(60_000);
  assert.deepEqual(sent, ['READY=1\nSTATUS=one', 'STATUS=two']);
});

test('supervise() gives no sign of life when the status cannot be told', () => {
  mock.timers.enable({ apis: ['setInterval', 'Date'] });
  let broken = false;
  const [life, sent] = supervised({ WATCHDOG_USEC: '1000000' }, () => {
    if (broken) throw new Error('broken');
    return 'one';
  });
  life.ready();
  broken = true;
  sent.length = 0;
  assert.throws(() => pass(1000), /broken/);
  assert.deepEqual(sent, []);
});

test('supervise() warns once when systemd cannot be reached', () => {
  const warnings: string[] = [];
  const env = { NOTIFY_SOCKET: '/nowhere/at-all' };
  const life = supervise(env, { status: () => 'one', warn: (sentence) => warnings.push(sentence) });
  life.ready();
  life.stopping();
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /cannot be notified.*ENOENT/);
});

const listener = `use Socket; $| = 1; socket(S, AF_UNIX, SOCK_DGRAM, 0) or die; my $name = shift; $name =~ s/^@/\\0/;
bind(S, pack_sockaddr_un($name)) or die $!; print "bound\\n"; while (defined recv(S, $_, 9999, 0)) { print "[$_]\\n" }`;

for (const kind of ['a path', 'an abstract name']) {
  const skip = existsSync('/usr/bin/perl')
    ? false
    : 'perl is not installed; install it with: apt-get install perl-base';
  test(`sendUnixDatagram() reaches a listener at ${kind}`, { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'failover-notify-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = kind === 'a path' ? join(folder, 'socket') : `@failover-test-${process.pid}`;
    const child: ChildProcessWithoutNullStreams = start('/usr/bin/perl', ['-e', listener, path]);
    t.after(() => child.kill());
    let heard = '';
    child.stdout.on('data', (text) => {
      heard += text;
    });
    await until(() => heard.includes('bound'), 'the listener');
    sendUnixDatagram(path, 'READY=1\nSTATUS=jó');
    await until(
      () => heard.includes('[READY=1\nSTATUS=jó]'),
      () => `the datagram (${heard})`,
    );
  });
}

test('sendUnixDatagram() names the error where nobody listens', () => {
  assert.throws(
    () => sendUnixDatagram('/nowhere/at-all', 'x'),
    (error) => error instanceof LibcError && error.code === 'ENOENT',
  );
});

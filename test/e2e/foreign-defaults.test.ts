import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { openScene, type Scene } from './scene.ts';

// Protocols by number: iproute2 6.1 takes a name for the number before it in the same session (`rtnl_rtprot_a2n`).
const scene: Scene = await openScene();
after(() => scene.close());
beforeEach(async () => {
  for (const ip of [scene.lab.ip, scene.lab.ip6]) await ip.call(scene.lab, 'route flush proto 4'); // should an earlier test have failed
  await scene.calm();
});

const inMain = async (): Promise<string[]> => (await scene.routes('default table main')).sort();
const drifts = async (sign: RegExp): Promise<boolean> =>
  (await scene.see()).drift.some((sentence) => sign.test(sentence));

test('a foreign default with a lower metric is kept, prevails, and is reported until it goes', async () => {
  const { lab } = scene;
  assert.deepEqual((await scene.see()).drift, []);
  await lab.ip('route add default via 10.10.2.254 dev eth2 proto 4 metric 50');
  await scene.until(
    () =>
      drifts(
        /^IPv4 default via 10\.10\.2\.254 dev eth2 metric 50 \(proto static\) is not ours and prevails over fibre/,
      ),
    'the report',
  );
  const { code, stdout } = await lab.cli(['status']);
  assert.equal(code, 0);
  assert.match(stdout.replace(/\s+/g, ' '), /metric 50 .*prevails over fibre/);
  await lab.cut('fibre');
  await scene.until(async () => (await scene.see()).active[4][0] === 'cable', 'the failover');
  await scene.until(() => drifts(/agrees with our choice now, but will not follow/), 'the other report');
  await lab.heal('fibre');
  await scene.until(async () => (await scene.see()).active[4][0] === 'fibre', 'the failback');
  assert.equal((await inMain()).filter((line) => / metric 50\b/.test(line)).length, 1, 'it is still there');
  await lab.ip('route del default metric 50');
  await scene.until(async () => (await scene.see()).drift.length === 0, 'no report any more');
});

test('a foreign default at our metric is never replaced: ours steps aside, and it is reported', async () => {
  const { lab } = scene;
  // It can only come where ours is not: while nothing of ours is there, or at the next metric we would use.
  await lab.ip(
    'route del default metric 77 proto 77',
    'route add default via 10.10.2.254 dev eth2 proto 4 metric 77',
  );
  await scene.until(
    () => drifts(/metric 77 \(proto static\) is not ours and prevails over fibre/),
    'the report',
  );
  await scene.until(
    async () => (await inMain()).some((line) => /via 10\.10\.1\.254 .*proto 77 .*metric 78/.test(line)),
    'our first choice at the next metric',
  );
  const foreign = (await inMain()).filter((line) => /proto static/.test(line));
  assert.equal(foreign.length, 1);
  assert.match(foreign[0] ?? '', /via 10\.10\.2\.254 dev eth2 .*metric 77/);
  await lab.cut('fibre');
  await scene.until(
    async () => (await inMain()).some((line) => /via 10\.10\.2\.254 .*proto 77 .*metric 78/.test(line)),
    'the failover, beside it',
  );
  await lab.ip('route del default metric 77 proto 4');
  await scene.until(
    async () => (await inMain()).some((line) => /proto 77 .*metric 77/.test(line)),
    'our metric, once it is free',
  );
  assert.deepEqual((await scene.see()).drift, []);
});

test('a foreign default in the way of our standby moves it on, in IPv6 too', async () => {
  const { lab } = scene;
  const at = Date.now();
  await lab.ip6(
    'route del default metric 78 proto 77',
    'route add default via 2001:db8:1::fe dev eth1 proto 4 metric 78',
  );
  const six = (): Promise<string[]> => scene.routes('default table main', 6);
  await scene.until(
    async () => (await six()).some((line) => /via 2001:db8:2::fe .*proto 77 .*metric 79/.test(line)),
    'our standby at the next metric',
  );
  assert.equal((await six()).filter((line) => /proto static/.test(line)).length, 1);
  await scene.assertUnmoved(at);
  await lab.ip6('route del default via 2001:db8:1::fe dev eth1 proto 4 metric 78');
  await scene.until(
    async () => (await six()).some((line) => /via 2001:db8:2::fe .*proto 77 .*metric 78/.test(line)),
    'our standby back in its place',
  );
});

test('an IPv6 default appended to ours is found at once and never removed: ours leaves it and moves on', async () => {
  const { lab } = scene;
  const six = (): Promise<string[]> => scene.routes('default table main', 6);
  const at = Date.now();
  await lab.ip6('route append default via 2001:db8:2::fe dev eth2 proto 4 metric 77'); // as NetworkManager does
  await scene.until(
    async () => (await six()).some((line) => /^default via 2001:db8:1::fe .*proto 77 .*metric 78/.test(line)),
    'our first choice at the next metric, alone',
  );
  assert.ok(Date.now() - at < 5000, 'it was found by reading again after a long time');
  await scene.until(
    async () =>
      (await six()).some((line) => /^default via 2001:db8:2::fe .*proto static .*metric 77/.test(line)),
    'theirs, without ours in it',
  );
  await scene.until(() => drifts(/^IPv6 default .*metric 77 \(proto static\) is not ours/), 'the report');
  await scene.assertUnmoved(at);
  await lab.ip6('route del default via 2001:db8:2::fe dev eth2 proto 4 metric 77');
  await scene.until(
    async () => (await six()).some((line) => /^default via 2001:db8:1::fe .*proto 77 .*metric 77/.test(line)),
    'our metric, once it is free',
  );
});

test('foreign routes and rules of every other kind are left alone', async () => {
  const { lab } = scene;
  await lab.ip(
    'route add 203.0.113.0/24 via 10.10.1.254 proto 4',
    'route add unreachable 203.0.113.77 metric 7 proto 186',
    'route add default via 10.10.2.254 dev eth2 table 555 proto 4',
    'rule add pref 500 from 192.0.2.0/24 lookup 555',
    'rule add pref 10771 from 192.0.2.9 lookup 555', // among our own
    'route add default via 10.10.2.254 dev eth2 metric 4000 proto 16',
  );
  const foreign = async (): Promise<string[]> => [
    ...(await scene.routes('table all')).filter((line) => !/proto (77|kernel)\b/.test(line)),
    ...(await lab.ip('rule show')).split('\n').filter((line) => !/proto 77\b/.test(line)),
  ];
  const before = await foreign();
  assert.ok(before.length >= 9);
  await lab.cut('fibre');
  await scene.carries('cable', 6);
  await scene.calm();
  await lab.removeDevice('cable');
  await scene.until(() => scene.isNow('cable', 'unreliable'), 'cable found missing');
  await lab.recreateDevice('cable');
  await scene.calm();
  const gone = before.filter((line) => !/dev eth2/.test(line)); // the kernel took those with the device
  const after = await foreign();
  for (const line of gone) assert.ok(after.includes(line), `gone: ${line}`);
});

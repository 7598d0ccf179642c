import '../../support/own-network.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run, start } from '../../../src/kernel/exec.ts';
import { kernelLeftovers } from '../../../src/setup/removal/kernel-leftovers.ts';
import { ip } from '../../support/ip.ts';
import { until } from '../../support/until.ts';

test('kernelLeftovers() takes everything of ours away and nothing else, senders before those who spare', async () => {
  for (const words of [
    'link add eth1 type veth peer name far',
    'address add 10.0.1.2/24 dev eth1',
    'link set far up',
    'link set eth1 up',
    'nexthop add id 774000101 via 10.0.1.1 dev eth1 proto 77',
    'nexthop add id 774508000 group 774000101 type resilient buckets 256 proto 77',
    'nexthop add id 5 via 10.0.1.1 dev eth1',
    'route add default nhid 774508000 table 100 metric 100 proto 77',
    '-6 route add unreachable default table 101 proto 77',
    'route add default via 10.0.1.1 dev eth1 metric 7',
    'rule add pref 10783 lookup main protocol 77',
    'rule add pref 10781 to 10.0.0.0/8 goto 10783 protocol 77',
    'rule add pref 10781 to 172.16.0.0/12 goto 10783 protocol 77',
    'rule add pref 10782 lookup 100 protocol 77',
    'rule add pref 10780 lookup main suppress_prefixlength 0 protocol 77',
    '-6 rule add pref 10782 lookup 100 protocol 77',
    'rule add pref 9999 lookup 200',
    'rule add pref 10782 lookup 201',
  ])
    await ip(words);
  const gone: string[] = [];
  const monitor = start('ip', ['-4', 'monitor', 'rule']);
  monitor.stdout
    .setEncoding('utf8')
    .on('data', (text: string) => gone.push(...(text.match(/^Deleted \d+/gm) ?? [])));
  await new Promise((resolve) => setTimeout(resolve, 300)); // until it listens: it does not say when
  const found = await kernelLeftovers();
  assert.deepEqual(
    found.map(({ what }) => what),
    ['5 IPv4 rules', '1 IPv6 rules', '2 nexthop objects', '1 IPv4 routes', '1 IPv6 routes'],
  );
  for (const { undo } of found) await undo();
  assert.deepEqual(await kernelLeftovers(), []);
  await until(
    () => gone.length >= 5,
    () => `five rules gone (${gone.join()})`,
  );
  monitor.kill();
  assert.deepEqual(gone, [
    'Deleted 10782',
    'Deleted 10781',
    'Deleted 10781',
    'Deleted 10780',
    'Deleted 10783',
  ]);
  const rules = (await run('ip', ['rule', 'show'])).stdout;
  assert.match(rules, /^9999:/m);
  assert.match(rules, /^10782:\s+from all lookup 201/m);
  assert.match((await run('ip', ['route', 'show'])).stdout, /^default via 10\.0\.1\.1 dev eth1 metric 7/m);
  assert.match((await run('ip', ['nexthop', 'show'])).stdout, /^id 5 via/m);
});

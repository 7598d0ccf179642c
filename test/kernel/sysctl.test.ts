import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../models/config.ts';
import { run } from '../../src/kernel/exec.ts';
import {
  neededSysctls,
  readSysctl,
  spellSysctl,
  sysctlsToChange,
  writeSysctls,
} from '../../src/kernel/sysctl.ts';
import { exampleConfig, exampleProvider } from '../core/example.ts';
import { ip } from '../support/ip.ts';

await ip('link add eth1 type veth peer name far');

test('differing() gives the earlier values, which writeSysctls() puts back', () => {
  writeSysctls({ 'net/ipv4/conf/eth1/rp_filter': '1' });
  const wanted = neededSysctls(exampleConfig(), ['eth1']);
  const earlier = sysctlsToChange(wanted);
  assert.deepEqual(earlier, {
    'net/ipv4/conf/eth1/rp_filter': '1',
    'net/ipv4/conf/eth1/ignore_routes_with_linkdown': '0',
    'net/ipv6/conf/eth1/ignore_routes_with_linkdown': '0',
  });
  assert.deepEqual(writeSysctls(wanted), []);
  assert.equal(readSysctl('net/ipv4/conf/eth1/rp_filter'), '2');
  assert.deepEqual(sysctlsToChange(wanted), {});
  assert.deepEqual(writeSysctls(earlier), []);
  assert.deepEqual(sysctlsToChange(wanted), earlier);
});

test('spellSysctl() is understood by sysctl(8), also for a VLAN', async () => {
  await ip('link add eth1.100 type veth peer name far100');
  const name = 'net/ipv4/conf/eth1.100/rp_filter';
  const [program = '', ...args] = spellSysctl(name, '2').split(' ');
  const { code, stderr } = await run(program, args);
  assert.deepEqual([code, stderr, readSysctl(name)], [0, '', '2']);
});

test('neededSysctls() filters nothing where main may be without a default', () => {
  const filter = (changes: Partial<Config>): string | undefined =>
    neededSysctls(exampleConfig(changes), ['eth1'])['net/ipv4/conf/eth1/rp_filter'];
  assert.equal(filter({}), '2');
  assert.equal(filter({ allDown: 'remove' }), '0');
  assert.equal(filter({ layout: 'table' }), '2');
  assert.equal(filter({ layout: 'table', routes: ['198.51.100.0/24'] }), '0');
});

test('neededSysctls() has flows told apart by ports where several providers share traffic', () => {
  const shared = [exampleProvider(0, { tier: 1 }), exampleProvider(1, { tier: 1 })];
  const policy = (config: Config): string | undefined =>
    neededSysctls(config, [])['net/ipv6/fib_multipath_hash_policy'];
  assert.equal(policy(exampleConfig({ providers: shared })), '1');
  assert.equal(policy(exampleConfig()), undefined);
});

test('differing() and writeSysctls() leave out devices that are not there', () => {
  const wanted = neededSysctls(exampleConfig(), ['nowhere']);
  assert.deepEqual(sysctlsToChange(wanted), {});
  assert.deepEqual(writeSysctls(wanted), []);
  assert.equal(readSysctl('net/ipv4/conf/nowhere/rp_filter'), undefined);
});

test('writeSysctls() says what it could not write', () => {
  const [problem, ...more] = writeSysctls({ 'net/ipv4/conf/eth1/rp_filter': 'loose' });
  assert.match(problem ?? '', /net\/ipv4\/conf\/eth1\/rp_filter could not be set to loose: EINVAL/);
  assert.deepEqual(more, []);
});

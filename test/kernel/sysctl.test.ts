import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differing, readSysctl, wantedSysctls, writeSysctls } from '../../src/kernel/sysctl.ts';
import { ownNetwork } from '../own-network.ts';
import { ip } from '../probes/two-hosts.ts';

const skip = await ownNetwork(import.meta.url);
if (skip === false) await ip('link add eth1 type veth peer name far');

test('differing() gives the earlier values, which writeSysctls() puts back', { skip }, () => {
  writeSysctls({ 'net/ipv4/conf/eth1/rp_filter': '1' });
  const wanted = wantedSysctls('eth1', { withoutDefault: false });
  const earlier = differing(wanted);
  assert.deepEqual(earlier, {
    'net/ipv4/conf/eth1/rp_filter': '1',
    'net/ipv4/conf/eth1/ignore_routes_with_linkdown': '0',
    'net/ipv6/conf/eth1/ignore_routes_with_linkdown': '0',
  });
  assert.deepEqual(writeSysctls(wanted), []);
  assert.equal(readSysctl('net/ipv4/conf/eth1/rp_filter'), '2');
  assert.deepEqual(differing(wanted), {});
  assert.deepEqual(writeSysctls(earlier), []);
  assert.deepEqual(differing(wanted), earlier);
});

test('wantedSysctls() filters nothing where main may be without a default', () => {
  assert.equal(wantedSysctls('eth1', { withoutDefault: true })['net/ipv4/conf/eth1/rp_filter'], '0');
});

test('differing() and writeSysctls() leave out devices that are not there', { skip }, () => {
  const wanted = wantedSysctls('nowhere', { withoutDefault: false });
  assert.deepEqual(differing(wanted), {});
  assert.deepEqual(writeSysctls(wanted), []);
  assert.equal(readSysctl('net/ipv4/conf/nowhere/rp_filter'), undefined);
});

test('writeSysctls() says what it could not write', { skip }, () => {
  const [problem, ...more] = writeSysctls({ 'net/ipv4/conf/eth1/rp_filter': 'loose' });
  assert.match(problem ?? '', /net\/ipv4\/conf\/eth1\/rp_filter could not be set to loose: EINVAL/);
  assert.deepEqual(more, []);
});

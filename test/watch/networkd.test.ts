import assert from 'node:assert/strict';
import { lutimesSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { networkdText } from '../../src/setup/networkd.ts';
import { networkdThreat } from '../../src/watch/networkd.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'failover-networkd-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const ours = '/etc/systemd/networkd.conf.d/50-failover.conf';

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** As systemd does when it starts the service; `inSeconds`: from now. */
function start(inSeconds: number): void {
  const link = join(root, '/run/systemd/units/invocation:systemd-networkd.service');
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync('0123456789abcdef0123456789abcdef', link);
  const at = Date.now() / 1000 + inSeconds;
  lutimesSync(link, at, at);
}

test('networkdThreat() has nothing to say where systemd-networkd does not run', () => {
  assert.equal(networkdThreat(root), undefined);
});

test('networkdThreat() names what is missing, and the way to get it', () => {
  start(60);
  assert.equal(
    networkdThreat(root),
    'systemd-networkd runs without ManageForeignRoutes=no, ManageForeignRoutingPolicyRules=no, ManageForeignNextHops=no and deletes our routes and rules when it starts or reconfigures a link; failover install, then systemctl restart systemd-networkd',
  );
});

test('networkdThreat() has nothing to say of one that started with the file of install', () => {
  write(ours, networkdText);
  start(60);
  assert.equal(networkdThreat(root), undefined);
});

test('networkdThreat() notices that the file was written after the start', () => {
  start(-60);
  write(ours, networkdText);
  assert.match(
    networkdThreat(root) ?? '',
    /it has not read \/etc\/systemd\/networkd\.conf\.d\/50-failover\.conf since that changed: systemctl restart/,
  );
});

test('networkdThreat() names the file that overrules it', () => {
  write('/etc/systemd/networkd.conf', '[Network]\nManageForeignRoutes=yes\n'); // read before every drop-in
  write(ours, networkdText);
  start(60);
  assert.equal(networkdThreat(root), undefined);
  write('/usr/lib/systemd/networkd.conf.d/90-distribution.conf', '[Network]\n ManageForeignRoutes = true \n');
  assert.match(
    networkdThreat(root) ?? '',
    /without ManageForeignRoutes=no and .*; change it in \/usr\/lib\/systemd\/networkd\.conf\.d\/90-distribution\.conf, then/,
  );
  write('/etc/systemd/networkd.conf.d/90-distribution.conf', ''); // hides the one below /usr/lib
  assert.equal(networkdThreat(root), undefined);
});

test('networkdThreat() heeds sections and comments, and takes every way to say no', () => {
  write('/etc/systemd/networkd.conf', `[DHCPv4]\n${networkdText.replace('[Network]', '')}`);
  start(60);
  assert.match(networkdThreat(root) ?? '', /without ManageForeignRoutes=no, /);
  write(ours, networkdText.replace('=no', '=off').replace('=no', '=0').replace('=no', '=False'));
  assert.equal(networkdThreat(root), undefined);
  write(ours, networkdText.replace(/^Manage/gm, '#Manage'));
  assert.match(networkdThreat(root) ?? '', /without ManageForeignRoutes=no, /);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import { noFrr } from '../support/frr-router.ts';
import { download } from './machine.ts';
import { Scene } from './scene.ts';

const skip = noFrr() ?? false;
let scene: Scene;

/** Puts this machine's FRRouting into another root: programs, libraries, groups, and names for dynamic users. */
const giveFrr = `root=$1
libraries() { ldd /usr/bin/vtysh /usr/lib/frr/zebra /usr/lib/frr/staticd | sed -n 's/.*=> \\(\\/[^ ]*\\) .*/\\1/p' | sort -u; }
put() { tar -C / --no-recursion --ignore-failed-read -ch -T - | tar -C "$root" -x --keep-directory-symlink; }
dpkg -L frr | sed -n 's/^.//p' | grep . | put
{ libraries; ls /usr/lib/*/libnss_systemd.so.2; } | while read -r file; do [ -e "$root$file" ] || echo "$file"; done | sed 's/^.//' | put
grep '^frr' /etc/passwd >>"$root/etc/passwd"
grep '^frr' /etc/group >>"$root/etc/group"
echo 'account sufficient pam_permit.so' >>"$root/etc/pam.d/frr" # as docs/frr.md advises
sed -i 's/^passwd:.*/passwd: files systemd/' "$root/etc/nsswitch.conf"
`;

const config = {
  backend: 'frr',
  checkInterval: '100ms',
  minOutage: '300ms',
  providers: [
    { id: 'fibre', interfaceName: 'eth1', gateway: '10.10.1.254' },
    { id: 'cable', interfaceName: 'eth2', gateway: '10.10.2.254' },
  ],
};

before(
  async () => {
    if (skip !== false) return;
    scene = await Scene.open({ boot: false });
    const { machine } = scene;
    const given = await run('sh', ['-ec', giveFrr, 'sh', machine.root]);
    assert.equal(given.code, 0, given.stderr);
    await machine.write('/root/failover.json', JSON.stringify(config));
    await scene.lab.ip('route del default metric 200', 'route del default metric 201');
    await machine.boot();
    await machine.sh('install -d -o frr -g frrvty -m 775 /run/frr');
    await machine.sh('cd /; for one in zebra staticd; do /usr/lib/frr/$one -d -f /dev/null; done');
    await machine.sh(`cd ${download} && ./install --config /root/failover.json 2>&1`);
  },
  { timeout: 600_000 },
);
after(() => scene?.close());

const statics = (): Promise<string> =>
  scene.machine.sh("vtysh -c 'show running-config' 2>/dev/null | grep '^ip route' || true");

test('the service, which is not root, gives its routes to FRRouting', { skip }, async () => {
  const { machine } = scene;
  assert.match(await machine.sh('cat /etc/systemd/system/failover.service'), /^SupplementaryGroups=frrvty$/m);
  assert.doesNotMatch(
    await machine.sh(`cat /proc/$(systemctl show --value -p MainPID failover)/status`),
    /^Uid:\t0\t/m,
  );
  const wanted = [
    'ip route 0.0.0.0/0 10.10.1.254 eth1 tag 77 77',
    'ip route 0.0.0.0/0 10.10.2.254 eth2 tag 77 78',
  ].join('\n');
  let last = '';
  const areThere = async (): Promise<boolean> => {
    last = await statics();
    return last === wanted;
  };
  await machine.until(areThere, { what: () => `our static routes (${last})` });
  await machine.until(async () => /proto (static|196)/.test(await scene.lab.ip('route show default')), {
    what: "zebra's default route",
  });
  assert.equal(await machine.sh('journalctl -u failover -p warning -o cat --no-pager'), '');
});

test('uninstall takes the static routes away', { skip }, async () => {
  const { machine } = scene;
  await machine.sh("vtysh -c 'configure terminal' -c 'ip route 192.0.2.0/24 10.10.1.9' 2>/dev/null");
  assert.match(await machine.sh('failover uninstall 2>&1'), /2 static routes in FRRouting/);
  assert.equal(await statics(), 'ip route 192.0.2.0/24 10.10.1.9');
});

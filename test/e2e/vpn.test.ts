import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import type { Family } from '../../models/path.ts';
import { programFolder } from '../../src/process/program.ts';
import { blocksOf } from '../support/guide-files.ts';
import { openScene, quick, type Scene } from './scene.ts';
import { answered, farEnd, layTunnel, type Tunnel } from './tunnel.ts';

const [guideConfig = '', guideTunnel = ''] = blocksOf(
  'docs/guides/beside-vpns.md',
  'WireGuard that takes all traffic',
);

let tunnel: Tunnel | undefined;
const settings = { layout: 'table', connectionMarks: true } as const;
const scene: Scene = await openScene({
  settings,
  shared: true,
  prepare: async (lab) => {
    // What a DHCP client made: the tunnel must get out before we start, too.
    await lab.ip('route add default via 10.10.1.254 dev eth1 proto 16');
    tunnel = await layTunnel(lab, { name: 'wg0', text: guideTunnel });
    await tunnel.up();
  },
});
after(() => scene.close());
const { lab } = scene;
beforeEach(() => scene.reliable());

/** The device that a destination's packets leave by, from this machine. */
async function deviceTo(destination: string, ...words: readonly string[]): Promise<string | undefined> {
  const [ip, command] = [destination.includes(':') ? '-6' : '-4', ['route', 'get', destination, ...words]];
  return / dev (\S+)/.exec(await lab.run('router', ['ip', ip, ...command]))?.[1];
}

const everywhere: Readonly<Record<Family, string>> = { 4: '8.8.8.8', 6: '2001:4860:4860::8888' };

async function takenByTunnel(): Promise<void> {
  for (const destination of Object.values(everywhere))
    await scene.until(
      async () => (await deviceTo(destination)) === 'wg0',
      `${destination} through the tunnel`,
    );
  await scene.until(async () => (await answered(lab, [farEnd], 1)) === 1, 'an answer through the tunnel');
  assert.equal(await answered(lab, [farEnd]), 4);
}

function reconfigured(changes: Readonly<Record<string, unknown>>): Promise<void> {
  return scene.reload({ ...quick, ...settings, ...lab.config(), ...changes });
}

const drift = async (): Promise<readonly string[]> => (await scene.see()).drift;
const rules = (): Promise<string> => lab.run('router', ['ip', '-4', 'rule', 'show']);

test("a tunnel that was there before us keeps its traffic in layout 'table'", async () => {
  assert.match(
    await rules(),
    /^32765:\tnot from all fwmark 0xca6c lookup 51820\n32765:\t.*\n32765:\tfrom all lookup 100 /m,
  );
  await takenByTunnel();
  assert.deepEqual(await drift(), []);
});

test("the tunnel's own packets follow a failover, and carry no mark of ours", async () => {
  const own = ['mark', '51820'];
  assert.equal(await deviceTo(everywhere[4], ...own), 'eth1');
  await lab.cut('fibre');
  await scene.until(
    async () => (await deviceTo(everywhere[4], ...own)) === 'eth2',
    'the tunnel through cable',
  );
  await tunnel?.forgetSource(); // WireGuard does so by itself after 15 s without an answer
  await scene.until(async () => (await answered(lab, [farEnd], 1)) === 1, 'an answer through cable');
  const sentences = (await scene.decisions())
    .map(({ sentence, reason }) => `${sentence}: ${reason}`)
    .join('\n');
  assert.doesNotMatch(sentences, /new connections leave by wg0/);
  await lab.heal('fibre');
  await scene.until(async () => (await deviceTo(everywhere[4], ...own)) === 'eth1', 'back through fibre');
  await takenByTunnel();
  // every packet of a flow that bears the tunnel's mark: the first one began a connection, which has our mark
  assert.equal(await answered(lab, ['-m', '51820', '1.1.1.1']), 4);
});

test('a tunnel that ends leaves the traffic to us, and gets it again when it starts after us', async () => {
  await tunnel?.down();
  await scene.until(async () => (await deviceTo(everywhere[4])) === 'eth1', 'through fibre');
  await tunnel?.up();
  await takenByTunnel();
  assert.deepEqual(await drift(), []);
  assert.equal(await answered(lab, ['-m', '51820', '1.1.1.1']), 4);
});

test("in layout 'metrics' the same, whichever starts first", async () => {
  await reconfigured({ layout: 'metrics' });
  await takenByTunnel();
  await tunnel?.down();
  await scene.until(async () => (await deviceTo(everywhere[4])) === 'eth1', 'through fibre');
  await tunnel?.up();
  await takenByTunnel();
  assert.deepEqual(
    (await drift()).filter((sentence) => / rule /.test(sentence)),
    [],
  );
  const plan = await lab.cli(['plan']);
  assert.match(
    plan.stdout,
    /^# IPv4 rule 10769 \(not from all fwmark 0xca6c lookup 51820\) comes before ours: .* wg0/m,
  );
  await reconfigured({});
});

test('what comes after ours, at a preference that the operator wrote, is named until it is gone', async () => {
  await tunnel?.down();
  await lab.ip(
    'rule add pref 20000 from 192.168.5.0/24 lookup 200',
    'route add default via 10.10.2.254 dev eth2 table 200',
  );
  assert.equal(await deviceTo(everywhere[4], 'from', '192.168.5.7', 'iif', 'eth1'), 'eth2');
  await reconfigured({ rulePreference: 11_000 });
  const isNamed = async (): Promise<boolean> =>
    (await drift()).some((sentence) =>
      /^IPv4 rule 20000 \(from 192\.168\.5\.0\/24 lookup 200\) comes after ours, .*leave rulePreference out/.test(
        sentence,
      ),
    );
  await scene.until(isNamed, 'the report');
  assert.match((await lab.cli(['status'])).stdout.replace(/\s+/g, ' '), /! ?IPv4 rule 20000/);
  assert.match((await lab.cli(['plan'])).stdout, /^# IPv4 rule 20000 .* comes after ours/m);
  await reconfigured({});
  await scene.until(async () => !(await isNamed()), 'no report any more');
  await lab.ip('rule del pref 20000');
});

test("Tailscale's own packets follow a failover in layout 'metrics', an exit node keeps its traffic, and 'table' is named", async () => {
  // as tailscaled adds them, in each family
  const added = [
    'rule add pref 5210 fwmark 0x80000/0xff0000 lookup main',
    'rule add pref 5230 fwmark 0x80000/0xff0000 lookup default',
    'rule add pref 5250 fwmark 0x80000/0xff0000 unreachable',
    'rule add pref 5270 lookup 52',
  ];
  await lab.ip(...added);
  await lab.ip('link add tailscale0 index 520 type veth peer name far0', 'link set tailscale0 up');
  const isNamed = async (): Promise<boolean> =>
    (await drift()).some((sentence) =>
      /^IPv4 rule 5210 .* do not follow a failover; set layout: 'metrics'$/.test(sentence),
    );
  await scene.until(isNamed, 'the report');
  await reconfigured({ layout: 'metrics' });
  await scene.until(async () => !(await isNamed()), 'no report any more');
  await lab.ip('route del default via 10.10.1.254 dev eth1 proto 16');
  await lab.ip('route add default dev tailscale0 table 52');
  const own = ['mark', '0x80000'];
  assert.equal(await deviceTo(everywhere[4]), 'tailscale0');
  await scene.until(async () => (await deviceTo(everywhere[4], ...own)) === 'eth1', 'through fibre');
  await lab.cut('fibre');
  await scene.until(async () => (await deviceTo(everywhere[4], ...own)) === 'eth2', 'through cable');
  assert.equal(await deviceTo(everywhere[4]), 'tailscale0');
  assert.match(
    (await lab.cli(['plan'])).stdout,
    /^# IPv4 rule 5270 \(from all lookup 52\) comes before ours: .* tailscale0/m,
  );
  await lab.heal('fibre');
  await lab.ip('link del tailscale0', ...added.map((words) => words.replace(' add ', ' del ')));
});

test('the configuration of the guide works as it stands there', async () => {
  await scene.until(
    async () => (await deviceTo('1.1.1.1', 'mark', '0x80000')) === 'eth1',
    'back through fibre',
  );
  await scene.daemon.stop();
  await rm(join(lab.folder, 'state'), { recursive: true });
  const file = join(lab.folder, 'config.ts');
  await writeFile(file, guideConfig.replace('./models', join(programFolder, 'models')));
  await lab.ip('route replace default via 10.10.1.254 dev eth1 proto 16 metric 5001');
  await lab.ip('route replace default via 10.10.2.254 dev eth2 proto 16 metric 5002');
  await tunnel?.up();
  const daemon = await lab.daemon({ config: file });
  await daemon.line(/fibre \(IPv4\) is reliable/, 30_000);
  assert.equal(await deviceTo('1.1.1.1'), 'wg0');
  assert.equal(await deviceTo('1.1.1.1', 'mark', '51820'), 'eth1');
  assert.match((await lab.cli(['plan'])).stdout, /comes before ours: what it matches leaves by wg0/);
});

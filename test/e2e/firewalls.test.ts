/** Other programs that load firewalls: our table is back at once, and nothing of theirs is touched. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { families } from '../../models/path.ts';
import { run } from '../../src/kernel/exec.ts';
import { runInside } from '../../src/lab/namespace.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { addClient } from './lan.ts';
import { openScene } from './scene.ts';
import { marked, serveStreams, streamsIn } from './streams.ts';

const folder = await mkdtemp(join(tmpdir(), 'failover-firewalls-'));
after(() => rm(folder, { recursive: true, force: true }));

const scene = await openScene({ config: (lab) => marked(lab), prepare: (lab) => addClient(lab) });
after(() => scene.close());
const { lab } = scene;
const server = await serveStreams();
after(() => server.close());
const client = await streamsIn('client');
after(() => client.close());

const inRouter = (...words: readonly string[]): Promise<string> => lab.run('router', words);
const ourTable = (): Promise<string> =>
  inRouter('nft', '-s', '-t', 'list', 'table', 'inet', 'failover').catch(() => '');
const ours = { table: await ourTable(), routes: [await scene.ours(4), await scene.ours(6)] };

/** Every rule of others, in nftables and in the older iptables, without what packets change. */
async function theirs(): Promise<string> {
  const nft = await inRouter('nft', '-s', 'list', 'ruleset');
  const legacy = [await inRouter('iptables-legacy-save'), await inRouter('ip6tables-legacy-save')];
  const steady = legacy.map((text) => text.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, ''));
  return [nft.replace(/^table inet failover \{\n(?:.*\n)*?\}\n/m, ''), ...steady].join('\n');
}

/** After `load`, ours is as it was; a firewall that lets nothing through while it loads may have moved the traffic. */
async function survives(load: () => Promise<unknown>): Promise<void> {
  await load();
  await scene.calm();
  await scene.until(async () => (await ourTable()) === ours.table, 'our table');
  await scene.until(
    async () => (await scene.ours(4)) === ours.routes[0] && (await scene.ours(6)) === ours.routes[1],
    'our routes and rules',
  );
}

/** Their rules stay as they are through a failover and back, in which a client's connections go on. */
async function keepsTheirs(): Promise<void> {
  const loaded = await theirs();
  const at = Date.now();
  await lab.cut('fibre');
  await scene.carries('cable');
  await lab.heal('fibre');
  await scene.calm();
  // A connection that began while a firewall let nothing through tries again after 1, 3, 7 and 15 s.
  await scene.until(() => answeredSince(at), 'answers to the client', 60_000);
  assert.equal(await theirs(), loaded);
  assert.equal(await ourTable(), ours.table);
}

async function answeredSince(at: number): Promise<boolean> {
  const streams = await Promise.all(families.map((family) => client.latest(`${family}`)));
  return streams.every((stream) => (stream?.answeredAt ?? 0) > at + 1000);
}

for (const family of families)
  client.open({ id: `${family}`, to: flowTargets[family], everyMs: 50, again: true });

const saved = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lan0 -p tcp -m tcp --dport 23 -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o tun7 -j MASQUERADE
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i lan0 -j MARK --set-xmark 0x7/0xff
COMMIT
`;

test('iptables-restore, of both kinds', async () => {
  await survives(async () => {
    for (const variant of ['nft', 'legacy'])
      for (const program of [`iptables-${variant}-restore`, `ip6tables-${variant}-restore`])
        await lab.run('router', [program], saved);
  });
  await keepsTheirs();
});

test('nft flush ruleset, as a reload of nftables.service begins: our table is back by itself', async () => {
  const before = (await scene.decisions()).length;
  await survives(async () => {
    await lab.run('router', ['nft', '-f', '-'], `flush ruleset\n${ownRules}`);
    const repaired = async (): Promise<boolean> =>
      (await scene.decisions())
        .slice(before)
        .some(({ sentence }) => sentence.includes('our nftables table inet failover: put back'));
    await scene.until(repaired, 'the repair');
  });
  await keepsTheirs();
});

const ownRules = `table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		iifname "lan0" tcp dport 23 drop
	}
}
`;

test('ufw: enabled, reloaded, disabled', async () => {
  const etc = join(folder, 'ufw');
  await cp('/etc/ufw', etc, { recursive: true });
  assert.equal((await run('mount', ['--bind', etc, '/etc/ufw'])).code, 0); // seen by this test alone
  const defaults = join(folder, 'default-ufw');
  const text = await readFile('/etc/default/ufw', 'utf8');
  await writeFile(defaults, text.replace(/^DEFAULT_FORWARD_POLICY=.*$/m, 'DEFAULT_FORWARD_POLICY="ACCEPT"'));
  assert.equal((await run('mount', ['--bind', defaults, '/etc/default/ufw'])).code, 0);
  const ufw = async (...words: readonly string[]): Promise<string> => {
    const outcome = await runInside('router', ['ufw', ...words], { timeoutMs: 30_000 });
    assert.equal(outcome.code, 0, `ufw ${words.join(' ')}: ${outcome.stderr}`);
    return outcome.stdout;
  };
  await survives(() => ufw('--force', 'enable'));
  assert.match(await ufw('status', 'verbose'), /^Status: active/);
  await survives(() => ufw('reload'));
  await keepsTheirs();
  await survives(() => ufw('--force', 'disable'));
});

import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createLab } from '../../src/lab/lab.ts';
import type { LabConfig } from '../../src/lab/lab-config.ts';
import { linesOf, quick, Scene, twoIsps } from './scene.ts';

// An operator who routes by policy, with the tables of netplan's examples: some of his traffic always leaves by eth2.
const lab = await createLab({ isps: twoIsps });
after(() => lab.close());
await lab.ip(
  'route add default via 10.10.2.254 dev eth2 table 101 proto 4',
  'rule add pref 500 from 192.168.5.0/24 lookup 101',
  'rule add pref 10771 from 192.168.6.0/24 lookup 101',
);

/** The configuration, with the table of the first provider if it is written. */
function configWith(rtTableId?: number): LabConfig {
  const [first, ...others] = lab.config().providers;
  return { ...quick, providers: [{ ...first, ...(rtTableId && { rtTableId }) }, ...others] };
}

let scene = new Scene(lab, await lab.daemon({ config: configWith() }));
await scene.calm();

async function restart(): Promise<void> {
  await scene.daemon.stop();
  scene = new Scene(lab, await lab.daemon({ config: configWith() }));
  await scene.calm();
}

async function deviceFor(source: string): Promise<string | undefined> {
  const words = ['route', 'get', '8.8.8.8', 'from', source, 'iif', 'eth1'];
  return / dev (\S+)/.exec(await lab.run('router', ['ip', '-4', ...words]))?.[1];
}

const tableOf = async (provider: string): Promise<number> => (await scene.path(provider)).table;
const ourRules = async (): Promise<number[]> => {
  const shown = linesOf(await lab.run('router', ['ip', '-N', '-4', 'rule', 'show']));
  return shown.filter((line) => / proto 77\b/.test(line)).map((line) => Number.parseInt(line, 10));
};

test('a table and preferences that others use are chosen around, and what they are for stays as it was', async () => {
  assert.deepEqual([await tableOf('fibre'), await tableOf('cable')], [103, 102]);
  assert.ok((await ourRules()).every((pref) => pref >= 10_790 && pref <= 10_795));
  assert.equal(await deviceFor('192.168.5.7'), 'eth2');
  assert.deepEqual((await scene.see()).drift, []);
  assert.match((await lab.cli(['plan'])).stdout, /^# nothing to do/, 'a plan knows what was chosen');
});

test('what was chosen stays, also when the others are gone', async () => {
  await lab.ip('route del default table 101 proto 4', 'rule del pref 500', 'rule del pref 10771');
  await restart();
  assert.equal(await tableOf('fibre'), 103);
  assert.ok((await ourRules()).every((pref) => pref >= 10_790));
});

test('what others put there later is drift, and moves nothing; after a restart too', async () => {
  const before = await scene.ours(4);
  await lab.ip(
    'route add default via 10.10.2.254 dev eth2 table 103 metric 5 proto 4',
    'rule add pref 10792 from 192.168.6.0/24 lookup 777',
  );
  const isNamed = async (): Promise<boolean> => {
    const drift = (await scene.see()).drift.join('\n');
    return (
      /default via 10\.10\.2\.254 dev eth2 table 103 .* that of fibre/.test(drift) &&
      /rule 10792 .* among ours/.test(drift)
    );
  };
  await scene.until(isNamed, 'both reports');
  assert.equal(await scene.ours(4), before);
  await restart();
  await scene.until(isNamed, 'both reports after a restart');
  assert.equal(await tableOf('fibre'), 103);
  await lab.ip('route del default table 103 proto 4', 'rule del pref 10792');
  await scene.until(async () => !(await isNamed()), 'no report any more');
});

const refusal =
  /rtTableId 150 of fibre cannot be used: IPv4 default via 10\.10\.2\.254 dev eth2 table 150 \(proto static\) is not ours/;

test('a number that the operator wrote is refused with what uses it, by reload, check and a first start', async () => {
  await lab.ip('route add default via 10.10.2.254 dev eth2 table 150 proto 4');
  const file = await lab.writeConfig(configWith(150));
  await scene.until(
    async () => (await scene.decisions()).some(({ reason }) => refusal.test(reason)),
    'the refusal of the reload',
  );
  assert.equal(await tableOf('fibre'), 103);
  for (const command of ['check', 'plan']) {
    const words = command === 'check' ? [command, file] : [command, '--config', file];
    assert.match((await lab.cli(words)).stdout, refusal);
  }
  await scene.daemon.stop();
  const state = join(lab.folder, 'state');
  for (const name of readdirSync(state)) rmSync(join(state, name));
  const daemon = await lab.daemon({ config: configWith(150) });
  await daemon.line(refusal);
  await scene.until(() => daemon.exitCode !== undefined, 'the end of the daemon');
  assert.equal(daemon.exitCode, 78);
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Lab } from '../../src/lab/lab.ts';
import type { LabConfig } from '../../src/lab/lab-config.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { addClient } from './lan.ts';
import { openScene, type Scene } from './scene.ts';
import { ispOf, serveStreams, streamsIn } from './streams.ts';

const isps = [
  { name: 'fibre', device: 'eth1' },
  { name: 'cable', device: 'eth2' },
  { name: 'lte', device: 'wwan0' },
];

/** Three providers that translate addresses, connections marked. */
function marked(lab: Lab, settings: Readonly<Record<string, unknown>> = {}): LabConfig {
  const providers = lab
    .config()
    .providers.map((provider) => ({ ...provider, nat: 'masquerade', ipv6Nat: 'masquerade' }));
  return { providers, connectionMarks: true, ...settings };
}

const scene: Scene = await openScene({ isps, config: (lab) => marked(lab), prepare: addClient });
after(() => scene.close());
const { lab } = scene;
const server = await serveStreams();
after(() => server.close());
const client = await streamsIn('client');
after(() => client.close());

test('a connection of the dead provider begins anew at once, one of a living provider does not notice', async () => {
  client.open({ id: 'web', to: flowTargets[4], everyMs: 50, again: true });
  await scene.until(async () => ispOf(lab, await client.latest('web')) === 'fibre', 'a stream through fibre');
  const cutAt = await lab.cut('fibre');
  await scene.carries('cable');
  await scene.until(
    async () => ispOf(lab, await client.latest('web')) === 'cable',
    'the stream began anew through cable',
  );
  const again = await client.latest('web');
  assert.ok((again?.startedAt ?? 0) - cutAt < 3000, `${(again?.startedAt ?? 0) - cutAt} ms`);
  await lab.heal('fibre');
  await scene.carries('fibre');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const kept = await client.latest('web');
  assert.equal(kept?.startedAt, again?.startedAt);
  assert.equal(kept?.ended, undefined);
  client.open({ id: 'later', to: flowTargets[4], everyMs: 50 });
  await scene.until(
    async () => ispOf(lab, await client.latest('later')) === 'fibre',
    'a new stream through fibre',
  );
});

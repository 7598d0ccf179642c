/** docs/guides/from-other-tools.md: what it says is the same is the same. (That it is valid: snippets.test.ts.) */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Config } from '../../models/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { programFolder } from '../../src/process/program.ts';
import { blocksOf } from '../support/guide-files.ts';

const guide = 'docs/guides/from-other-tools.md';
const folder = mkdtempSync(join(tmpdir(), 'failover-guide-'));
after(() => rmSync(folder, { recursive: true }));

async function configOf(name: string, text: string): Promise<Config> {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, text.replaceAll('./models/', `${programFolder}/models/`));
  const read = await readConfig(file);
  assert.ok(read.ok, read.ok ? '' : read.complaint);
  return read.config;
}

test("the guide's two spellings of a Multigateway configuration mean the same", async () => {
  const [theirs = '', ours = '', ...more] = blocksOf(guide, 'Multigateway soft failover');
  assert.deepEqual(more, []);
  assert.deepEqual(await configOf('theirs', theirs), await configOf('ours', ours));
});

test("the guide's mwan3 and OPNsense examples say what their tables say", async () => {
  const [mwan3 = ''] = blocksOf(guide, 'mwan3');
  const members = (await configOf('mwan3', mwan3)).providers.map(({ id, tier, weight }) => [
    id,
    tier,
    weight,
  ]);
  assert.deepEqual(members, [
    ['wan', 1, 3],
    ['wanb', 1, 1],
    ['wwan', 2, 1],
  ]);
  const [opnsense = ''] = blocksOf(guide, 'OPNsense');
  const { loss, rtt, providers } = await configOf('opnsense', opnsense);
  assert.deepEqual(
    [loss, rtt],
    [
      { down: 0.2, up: 0.1 },
      { down: 500, up: 200 },
    ],
  );
  assert.ok(providers.every(({ nat }) => nat[4] === 'masquerade'));
});

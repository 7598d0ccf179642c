import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generate } from '../../src/commands/generate.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-generate-'));
after(() => rmSync(folder, { recursive: true }));

for (const form of ['nftables', 'iptables', 'ip6tables']) {
  test(`generate ${form} refuses a configuration that leaves no provider to make rules for`, async () => {
    const config = join(folder, 'config.json');
    const settings = {
      providers: [{ interfaceName: 'wan*' }],
      downlinks: { lan: ['lan0'] },
      connectionMarks: 'external',
      testScenarios: [{ ping: '1.1.1.1' }],
    };
    writeFileSync(config, JSON.stringify(settings));
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    assert.equal(await generate(form, { config, print: say, complain: say }), 1, said.join('\n'));
    assert.match(said.join('\n'), /there is no provider to make rules for:\n *the interfaces of "wan\*"/);
  });
}

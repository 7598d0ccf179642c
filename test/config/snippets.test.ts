/** The guides' examples: every configuration, or part of one, that they show is one that we take. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load/load.ts';
import { explain } from '../../src/config/mistake.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { programFolder } from '../../src/process/program.ts';

/** A guide, and how many configurations it shows at least: where none is found, none is judged. */
const guides = [
  ['README.md', 1],
  ['docs/configuration.md', 15],
  ['docs/scenarios.md', 2],
  ['docs/frr.md', 1],
  ['docs/firewall.md', 1],
  ['docs/install.md', 1],
  ['docs/examples/gluetun.md', 1],
  ['docs/guides/router-for-a-lan.md', 1],
  ['docs/guides/beside-vpns.md', 1],
  ['docs/guides/from-other-tools.md', 4],
  ['docs/guides/two-lines-by-dhcp.md', 1],
] as const;
const folder = mkdtempSync(join(tmpdir(), 'failover-snippets-'));
after(() => rmSync(folder, { recursive: true }));

const models = `'${programFolder}/models/config.ts'`;
const vocabulary = `import { dns, exec, http, mtu, neighbour, ping, secret, tcp } from ${models};`;
const somebody = "providers: [{ id: 'some', interfaceName: 'eth9' }]";

/** A snippet as a whole file, to which a part lacks providers and imports; undefined: it is no configuration. */
function completed(language: string, text: string): string | undefined {
  if (language !== 'ts') return text.includes('providers') ? text : undefined;
  if (/^export /m.test(text)) return text.replaceAll(/'(\.|\/etc\/failover)\/models\/config\.ts'/g, models);
  if (/^(?:async function|class|const) /m.test(text)) return undefined; // a scenario
  const part = text.replaceAll(/^import .*$/gm, '').trim();
  const settings = part.startsWith('{') ? `providers: [${part}\n]` : part;
  return `${vocabulary}\nexport default { ...{ ${somebody} }, ...{ ${settings}\n} };`;
}

for (const [guide, least] of guides)
  describe(`parseConfig() takes what ${guide} shows`, () => {
    const text = readFileSync(join(programFolder, guide), 'utf8');
    const blocks = [...text.matchAll(/^```(ts|yaml|toml|json)\n(.*?)^```/gms)];
    const judged = blocks.flatMap(({ 1: language = '', 2: snippet = '', index }) => {
      const line = text.slice(0, index).split('\n').length;
      const content = completed(language, snippet);
      return content === undefined ? [] : [{ line, language, content }];
    });
    test('there is something to judge', () => assert.ok(judged.length >= least, `${judged.length} found`));
    for (const { line, language, content } of judged)
      test(`line ${line}`, async () => {
        const file = join(folder, `${guide.replaceAll('/', '-')}-${line}.${language}`);
        writeFileSync(file, content);
        const loaded = await loadConfig(file);
        assert.ok(loaded.ok, loaded.ok ? '' : loaded.message);
        const parsed = parseConfig(loaded.input, { file });
        assert.deepEqual([...(parsed.ok ? [] : parsed.mistakes), ...parsed.warnings].map(explain), []);
      });
  });

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { compiledFolder, compileIfChanged } from '../../src/process/compile.mjs';
import { programFolder } from '../../src/process/program.ts';

test('nameSources(): a stack of what was compiled names file and line of the sources', async () => {
  await compileIfChanged(programFolder);
  const cli = pathToFileURL(join(compiledFolder(programFolder), 'src/cli.mjs')).href;
  // A terminal that breaks: the error comes from a listener in cli.ts.
  const code = `process.argv = ['node', 'failover', 'completion', 'bash']; await import('${cli}');
    process.exit = () => { throw new Error('broken'); };
    process.stdout.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }));`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
  });
  const found = /at .*\(?(\S+\/src\/cli\.ts):(\d+):\d+/.exec(stderr);
  assert.ok(found, stderr);
  const line = readFileSync(join(programFolder, 'src/cli.ts'), 'utf8').split('\n')[Number(found[2]) - 1];
  assert.match(line ?? '', /EPIPE/);
});

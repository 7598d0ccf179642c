import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeCommand, programFolder } from '../../src/process/program.ts';

test('programFolder has what an installed program has', () => {
  for (const part of ['package.json', 'models/config.ts', 'failover'])
    assert.ok(existsSync(join(programFolder, part)), part);
});

test('nodeCommand() starts an entry point of ours from any folder', () => {
  const [node = '', ...args] = nodeCommand('src/cli.ts');
  const printed = execFileSync(node, [...args, '--version'], { cwd: '/', encoding: 'utf8' });
  assert.match(printed, /^\d+\.\d+\.\d+\n$/);
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start } from '../../src/kernel/exec.ts';
import { waitFor } from '../../src/lab/wait-for.ts';
import { SighupBuffer } from '../../src/process/sighup.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-hangup-'));
after(() => rmSync(folder, { recursive: true }));

test('Hangup keeps what comes before it can be obeyed, and obeys each one after', async () => {
  const hangup = new SighupBuffer();
  let heard = false;
  process.once('SIGHUP', () => {
    heard = true;
  });
  process.kill(process.pid, 'SIGHUP');
  await waitFor(async () => heard, { timeoutMs: 5000 });
  let reloads = 0;
  hangup.reloadBy(() => {
    reloads += 1;
  });
  assert.equal(reloads, 1);
  process.kill(process.pid, 'SIGHUP');
  await waitFor(async () => reloads === 2, { timeoutMs: 5000 });
});

test('run() is not ended by SIGHUP while it reads its configuration', async () => {
  const file = join(folder, 'config.ts');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  // It says when it is read, and then takes its time until it turns out to be wrong.
  writeFileSync(
    file,
    "console.log('reading');\nawait new Promise((resolve) => process.stdin.once('data', resolve));\nprocess.stdin.destroy();\nexport default { providers: [] };\n",
  );
  const program = fileURLToPath(new URL('../../failover', import.meta.url));
  const child = start(program, ['run', '--config', file]);
  let told = '';
  child.stdout.on('data', (text) => {
    told += String(text);
  });
  await waitFor(async () => told.includes('reading'), { timeoutMs: 20_000 });
  child.kill('SIGHUP');
  child.stdin.write('go on\n');
  await waitFor(async () => child.exitCode !== null || child.signalCode !== null, { timeoutMs: 20_000 });
  assert.equal(child.exitCode ?? child.signalCode, 78);
});

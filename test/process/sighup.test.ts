import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start } from '../../src/kernel/exec.ts';
import { SighupBuffer } from '../../src/process/sighup.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-hangup-'));
after(() => rmSync(folder, { recursive: true }));

test('Hangup keeps what comes before it can be obeyed, and obeys each one after', async () => {
  const hangup = new SighupBuffer();
  let heard = false;
  process.once('SIGHUP', () => {
    heard = true;
  });
  process.kill(process.pid, 'SIGHUP');
  await until(() => heard, 'the signal');
  let reloads = 0;
  hangup.reloadBy(() => {
    reloads += 1;
  });
  assert.equal(reloads, 1);
  process.kill(process.pid, 'SIGHUP');
  await until(() => reloads === 2, 'the second reload');
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
  let said = '';
  child.stdout.on('data', (text) => {
    said += String(text);
  });
  await until(
    () => said.includes('reading'),
    () => `the reading (${said})`,
    30_000,
  );
  child.kill('SIGHUP');
  child.stdin.write('go on\n');
  await until(() => child.exitCode !== null || child.signalCode !== null, 'its end', 30_000);
  assert.equal(child.exitCode ?? child.signalCode, 78);
});

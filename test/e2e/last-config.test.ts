/** A start with a broken configuration uses the last one that worked, and says so. */
import assert from 'node:assert/strict';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runInside } from '../../src/lab/namespace.ts';
import { programCommand } from '../../src/process/program.ts';
import { openScene, quick, Scene } from './scene.ts';

const { lab, daemon: first } = await openScene({ settings: { checkInterval: '150ms' } });
after(() => lab.close());
const file = join(lab.folder, 'config.json');
const kept = join(lab.folder, 'state', 'last-config.json');
const base = { ...quick, ...lab.config() };

test('run() with a broken or missing file uses the last configuration that worked, and says so', async () => {
  await first.stop();
  assert.equal((await stat(kept)).mode & 0o777, 0o600, 'a configuration may hold secrets');
  for (const breakIt of [() => writeFile(file, '{ "providers": [ '), () => rm(file)]) {
    await breakIt();
    const daemon = await lab.daemon({ config: file });
    await daemon.line(/err .*config\.json (is not valid JSON|does not exist)/);
    await daemon.line(
      /err .*config\.json cannot be used: the daemon was started with the last configuration that worked, of \d{4}-/,
    );
    const scene = new Scene(lab, daemon);
    await daemon.line(/failover \S+ started/);
    await scene.calm();
    assert.match((await scene.see()).drift[0] ?? '', /cannot be used: .* last configuration that worked/);
    const checked = await runInside('router', [...programCommand, 'check', file], { timeoutMs: 20_000 });
    assert.equal(checked.code, 78, checked.stderr);

    await lab.writeConfig({ ...base, checkInterval: '200ms' });
    await daemon.line(/configuration reloaded/);
    await scene.until(async () => (await scene.see()).drift.length === 0, 'no more remarks');
    await daemon.stop();
  }
});

test('run() with the very file that worked does not read it again, and does after any change', async () => {
  const content: unknown = JSON.parse(await readFile(kept, 'utf8'));
  assert.ok(typeof content === 'object');
  await writeFile(kept, JSON.stringify({ ...content, warnings: ['this was said before'] }));
  const again = await lab.daemon({ config: file });
  await again.line(/warning .*this was said before/);
  await again.line(/failover \S+ started/);
  await again.stop();

  await writeFile(file, `${await readFile(file, 'utf8')}\n`);
  const changed = await lab.daemon({ config: file });
  await changed.line(/failover \S+ started/);
  await changed.stop();
  assert.deepEqual(
    changed.lines.filter((line) => line.includes('this was said before')),
    [],
  );
});

test('run() does not take what worked of another file, nor what cannot be understood', async () => {
  const other = join(lab.folder, 'other.json');
  await writeFile(other, '{');
  assert.equal((await run(other)).code, 78);
  await writeFile(kept, '{"format":1');
  await writeFile(file, '{');
  assert.equal((await run(file)).code, 78);
});

function run(config: string) {
  const command = [...programCommand, 'run', '--config', config];
  return runInside('router', command, { timeoutMs: 20_000, env: lab.environment() });
}

/** What is kept of a configuration, and when it may stand in for its file; the fallback itself: test/e2e/last-config. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ReadConfig, readConfig } from '../../src/config/read-config.ts';
import { LastConfigStore } from '../../src/daemon/last-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-last-'));
after(() => rmSync(folder, { recursive: true }));
const program = { version: '1', build: 'b1' };
const isRoot = process.geteuid?.() === 0;
const text = `{
  "providers": [{ "id": "a", "interfaceName": "eth1" }, { "id": "b", "interfaceName": "eth2" }],
  "testScenarios": [{ "http": "http://1.1.1.1/", "body": "ok" }, { "ping": "1.1.1.1" }],
  "minOutage": "2s"
}`;

let stores = 0;

/** A store of its own, and what it warned about. */
function open(running = program, state = join(folder, `state${++stores}`)) {
  const warnings: string[] = [];
  return { store: new LastConfigStore(state, running, (each) => warnings.push(each)), state, warnings };
}

function write(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content, { mode: 0o644 });
  return file;
}

async function read(file: string): Promise<Extract<ReadConfig, { ok: true }>> {
  const found = await readConfig(file, { apart: true });
  assert.ok(found.ok, found.ok ? '' : found.complaint);
  return found;
}

test('unchanged() gives what reading the file gives, its warnings too, while its text is the same', async () => {
  for (const [name, content] of Object.entries({
    'config.json': text,
    'config.yaml': 'providers: [{ id: a, interfaceName: eth1, tier: null }]\n',
    'config.toml': 'minOutage = "2s"\n[[providers]]\nid = "a"\ninterfaceName = "eth1"\n',
  })) {
    const { store, state } = open();
    const file = write(name, content);
    assert.equal(store.unchanged(file), undefined, 'nothing was kept');
    const { ok: _, sources: __, ...found } = await read(file);
    assert.ok(
      name !== 'config.yaml' || found.warnings.length > 0,
      'nothing that may carry traffic is worth a warning',
    );
    await store.keep(found);
    assert.deepEqual(open(program, state).store.unchanged(file), found);
    write(name, `${content}\n`);
    assert.equal(store.unchanged(file), undefined, 'it was changed');
    write(name, content);
    assert.deepEqual(store.unchanged(file), found);
    rmSync(file);
    assert.equal(store.unchanged(file), undefined, 'it is missing, which reading it reports');
  }
});

test('unchanged() gives nothing that another build read, or of another file, or of a program', async () => {
  const file = write('mine.json', text);
  const { store, state } = open();
  await store.keep(await read(file));
  assert.notEqual(store.unchanged(file), undefined);
  assert.equal(open({ version: '1', build: 'b2' }, state).store.unchanged(file), undefined);
  assert.equal(open({ version: '2', build: 'b1' }, state).store.unchanged(file), undefined);
  assert.equal(store.unchanged(write('copy.json', text)), undefined);

  const code = write('config.mjs', "export default { providers: [{ id: 'a', interfaceName: 'eth1' }] };");
  await store.keep(await read(code));
  assert.equal(store.unchanged(code), undefined, 'it may read more than its own text');
  assert.equal(store.read(code)?.file, code, 'as a fallback it will do');
});

test('as root, nothing kept stands in for a file that others may write to', { skip: !isRoot }, async () => {
  const file = write('others.json', text);
  const { store } = open();
  await store.keep(await read(file));
  chmodSync(file, 0o646);
  assert.equal(store.unchanged(file), undefined);
  chmodSync(file, 0o644);
  assert.notEqual(store.unchanged(file), undefined);
});

test('as root, nothing is taken from a state folder that another user may write to', {
  skip: !isRoot,
}, async () => {
  const file = write('root.json', text);
  const { store, state, warnings } = open();
  mkdirSync(state);
  await store.keep(await read(file));
  assert.notEqual(store.read(file), undefined);
  chownSync(state, 1234, 1234); // the service's own folder, as it is for root's own `failover run`
  assert.equal(store.unchanged(file), undefined);
  assert.equal(store.read(file), undefined);
  assert.match(warnings.join(), /not used: .*last-config\.json may be written to by others than root/);
});

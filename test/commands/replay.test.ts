import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { replay } from '../../src/commands/replay.ts';
import { makeRecordings } from '../replay/make.ts';
import { listener } from './daemon.ts';

const folder = join(import.meta.dirname, '../replay');
if (process.env['FAILOVER_MAKE_RECORDINGS']) await makeRecordings();
const scratch = mkdtempSync('/tmp/replay-');
after(() => rmSync(scratch, { recursive: true }));

/** What must have been decided in each recording, whatever the core's words: its switches in order. */
const switches: Readonly<Record<string, readonly string[]>> = {
  'silent-death.jsonl': ['fibre', 'lte', 'fibre'],
  'flapping.jsonl': ['fibre', 'lte'],
  'all-down.jsonl': ['fibre'],
  'pinned.jsonl': ['fibre', 'lte', 'fibre', 'lte', 'fibre'],
  'dead-target.jsonl': ['fibre'],
};

async function replayed(file: string, more: { config?: string; json?: boolean } = {}) {
  const { options, out, err } = listener();
  const code = await replay(file, { ...options, ...more });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A copy of the silent death with its text changed. */
function changed(change: (text: string) => string): string {
  const file = join(scratch, 'changed.jsonl');
  writeFileSync(file, change(readFileSync(join(folder, 'silent-death.jsonl'), 'utf8')));
  return file;
}

describe('replay()', () => {
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
    test(`${name} gives the decisions it gave`, async () => {
      const { code, out, err } = await replayed(join(folder, name), { json: true });
      assert.equal(err, '');
      const { ok, decisions } = JSON.parse(out);
      const differing = decisions.filter(({ occurs }: { occurs: string }) => occurs !== 'both');
      assert.deepEqual(differing, []);
      assert.equal(ok, true);
      assert.equal(code, 0);
      const moves = decisions.flatMap(
        ({ decision: { kind, to } }: { decision: { kind: string; to: string } }) =>
          kind === 'switch' ? [to] : [],
      );
      assert.deepEqual(moves, switches[name] ?? moves);
    });
  }

  test('has a recording of each kind', () => {
    const present = readdirSync(folder);
    assert.deepEqual(
      Object.keys(switches).filter((name) => !present.includes(name)),
      [],
    );
  });

  test('prints what differs and ends with 1', async () => {
    const file = changed((text) =>
      text
        .split('\n')
        .map((line) =>
          line.includes('"type":"decision"') ? line.replace('moves from fibre', 'creeps from fibre') : line,
        )
        .join('\n'),
    );
    const { code, out } = await replayed(file);
    assert.equal(code, 1);
    assert.match(out, /^then \d{4}-.*IPv4 creeps from fibre to lte$/m);
    assert.match(out, /^ now \d{4}-.*IPv4 moves from fibre to lte$/m);
    assert.match(out, /^ {2}= {2}\d{4}-.*IPv4 goes through fibre$/m);
    assert.match(out, /events, \d+ decisions as then, 1 only then, 1 only now$/);
  });

  test('decides by another configuration, ends with 0, and shows both', async () => {
    const config = join(scratch, 'config.json');
    const providers = [
      { id: 'fibre', interfaceName: 'eth1', rtTableId: 101 },
      { id: 'lte', interfaceName: 'eth2', rtTableId: 102 },
    ];
    writeFileSync(config, JSON.stringify({ providers, failback: 'never' }));
    const { code, out } = await replayed(join(folder, 'silent-death.jsonl'), { config });
    assert.equal(code, 0);
    assert.match(out, /^ {2}= {2}.*IPv4 moves from fibre to lte$/m);
    assert.match(out, /^then .*IPv4 moves from lte to fibre$/m);
  });

  test('ends with 78 for another configuration that cannot be used', async () => {
    const { code, err } = await replayed(join(folder, 'pinned.jsonl'), {
      config: join(scratch, 'none.json'),
    });
    assert.equal(code, 78);
    assert.match(err, /none\.json does not exist/);
  });

  test('names file and line of what is wrong in a recording', async () => {
    const file = changed((text) => text.replace('"type":"tick"', '"type":"tock"'));
    const { code, err } = await replayed(file);
    assert.equal(code, 1);
    assert.match(err, /^failover: .*changed\.jsonl:\d+ has the unknown type "tock"/);
  });

  test('tolerates a last line cut off by a crash, with a note', async () => {
    const { code, out } = await replayed(changed((text) => `${text}{"type":"ti`));
    assert.equal(code, 0);
    assert.match(out, /changed\.jsonl:\d+ is cut off, as by a crash, and left out/);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { start } from '../../src/kernel/exec.ts';
import { lineWriter } from '../../src/report/line-writer.ts';

describe('lineWriter()', () => {
  test('hands lines to a pipe in their order', async () => {
    const cat = start('cat', []);
    const write = lineWriter(cat.stdin);
    let text = '';
    cat.stdout.on('data', (chunk) => (text += chunk));
    write('one');
    write('two');
    cat.stdin.end();
    await once(cat, 'close');
    assert.equal(text, 'one\ntwo\n');
  });

  test('goes on without a reader', async () => {
    const gone = start('true', []);
    const write = lineWriter(gone.stdin);
    await once(gone, 'close');
    for (let n = 0; n < 100; n += 1) write('anyone?');
    await new Promise((resolve) => setImmediate(resolve)); // an unhandled EPIPE would come now
    write('no');
  });

  test('leaves lines out for a reader that stands still, and says so when it moves', async () => {
    const cat = start('cat', []);
    cat.kill('SIGSTOP');
    const write = lineWriter(cat.stdin);
    const line = 'x'.repeat(1023);
    for (let n = 0; n < 4096; n += 1) write(line);
    assert.ok(cat.stdin.writableLength < 2 << 20, `${cat.stdin.writableLength} bytes are kept`);
    let text = '';
    cat.stdout.on('data', (chunk) => (text += chunk));
    cat.kill('SIGCONT');
    if (cat.stdin.writableNeedDrain) await once(cat.stdin, 'drain');
    write('awake');
    cat.stdin.end();
    await once(cat, 'close');
    const lines = text.trimEnd().split('\n');
    const [, leftOut] = /^\((\d+) lines left out here/.exec(lines.at(-2) ?? '') ?? [];
    assert.equal(lines.at(-1), 'awake');
    assert.equal(Number(leftOut) + lines.length - 2, 4096);
  });
});

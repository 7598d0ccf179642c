import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileWatcher } from '../../src/watch/file-watcher.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'failover-file-'));
after(() => rmSync(folder, { recursive: true }));

/** Watches a file and counts; the returned function makes a change and waits until it was told. */
function watching(file: string): {
  told(change: () => void): Promise<void>;
  count(): number;
  close(): Promise<void>;
} {
  let count = 0;
  const watcher = new FileWatcher(file, () => {
    count += 1;
  });
  return {
    told: async (change) => {
      const before = count;
      change();
      await until(() => count > before, `the news of ${change.toString()}`);
      await sleep(80); // what else this change has to tell
    },
    count: () => count,
    close: () => watcher.close(),
  };
}

test('FileWatcher tells of creation, rewriting, replacement and removal, again and again', async () => {
  const file = join(folder, 'plain');
  const watch = watching(file);
  for (let i = 0; i < 3; i++) {
    await watch.told(() => writeFileSync(file, 'one'));
    await watch.told(() => writeFileSync(file, 'two'));
    await watch.told(() => {
      writeFileSync(`${file}.new`, 'two');
      renameSync(`${file}.new`, file);
    });
    await watch.told(() => writeFileSync(file, ''));
    await watch.told(() => rmSync(file));
  }
  await watch.close();
});

test('FileWatcher tells of a file in a folder that appears, goes and appears', async () => {
  const file = join(folder, 'a', 'b', 'c');
  const watch = watching(file);
  for (let i = 0; i < 3; i++) {
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    await watch.told(() => writeFileSync(file, 'text'));
    await watch.told(() => rmSync(join(folder, 'a'), { recursive: true }));
  }
  await watch.close();
});

test('FileWatcher tells nothing while nothing changes, or only its neighbours do', async () => {
  const file = join(folder, 'quiet');
  writeFileSync(file, 'text');
  const watch = watching(file);
  for (let i = 0; i < 20; i++) writeFileSync(join(folder, `neighbour${i}`), 'text');
  await sleep(1300); // longer than its poll
  assert.equal(watch.count(), 0);
  await watch.close();
});

test('FileWatcher is hardly woken by a neighbour that is written all the time, and misses nothing', async (t) => {
  const busy = join(folder, 'busy');
  mkdirSync(busy);
  for (let i = 0; i < 20; i++) writeFileSync(join(busy, `neighbour${i}`), 'text');
  const file = join(busy, 'file');
  writeFileSync(file, 'text');
  const watch = watching(file);
  await sleep(300); // until it is watching
  let requests = 0; // of the file system, as chokidar makes them
  const hook = createHook({
    init: (_, type) => {
      if (type.startsWith('FSREQ')) requests += 1;
    },
  }).enable();
  const writing = setInterval(() => appendFileSync(join(busy, 'neighbour0'), 'more'), 2);
  await sleep(3000);
  t.diagnostic(`${requests} requests in 3 s`);
  assert.ok(requests < 1500, `${requests} requests in 3 s`);
  for (const text of ['one', 'two']) await watch.told(() => writeFileSync(file, text));
  await watch.told(() => rmSync(file));
  await watch.told(() => writeFileSync(file, 'three'));
  clearInterval(writing);
  hook.disable();
  await watch.close();
});

test('FileWatcher tells the last of many fast changes', async () => {
  const file = join(folder, 'fast');
  let seen = '';
  const watcher = new FileWatcher(file, () => {
    seen = readFileSync(file, 'utf8');
  });
  for (let i = 0; i < 100; i++) {
    writeFileSync(file, `content ${i}`);
    if (i % 7 === 0) await sleep(3);
  }
  await until(() => seen === 'content 99', 'the last content');
  await watcher.close();
});

test('FileWatcher survives what cannot be looked at, and watches on', async () => {
  const file = join(folder, 'loop');
  const watch = watching(file);
  await watch.told(() => symlinkSync(file, file));
  await watch.told(() => rmSync(file));
  await watch.told(() => mkdirSync(file));
  await watch.told(() => rmSync(file, { recursive: true }));
  await watch.told(() => writeFileSync(file, 'text'));
  await watch.close();
});

test('FileWatcher recovers its hold after a folder took the place of a file, or of its folder', async () => {
  const folder2 = join(folder, 'swapped');
  mkdirSync(folder2);
  const file = join(folder2, 'file');
  const watch = watching(file);
  await watch.told(() => writeFileSync(file, 'one'));
  await watch.told(() => rmSync(file));
  await watch.told(() => mkdirSync(file));
  await watch.told(() => {
    rmSync(file, { recursive: true });
    writeFileSync(file, 'two');
  });
  await hints(watch, file);
  renameSync(folder2, `${folder2}.old`);
  mkdirSync(folder2);
  await watch.told(() => writeFileSync(file, 'three'));
  await hints(watch, file);
  await watch.close();
});

/** Its poll alone would take half a second a change, and two and a half for these. */
async function hints(watch: ReturnType<typeof watching>, file: string): Promise<void> {
  await sleep(300); // a watch that is made anew needs a moment
  let waitedMs = 0;
  for (let i = 0; i < 5; i++) {
    const from = Date.now();
    await watch.told(() => writeFileSync(file, `text ${i} ${Math.random()}`));
    waitedMs += Date.now() - from - 80;
  }
  assert.ok(waitedMs < 1500, `five changes were told after ${waitedMs} ms`);
}

test('close() ends the telling', async () => {
  const file = join(folder, 'closed');
  const watch = watching(file);
  await watch.close();
  writeFileSync(file, 'text');
  await sleep(1300);
  assert.equal(watch.count(), 0);
});

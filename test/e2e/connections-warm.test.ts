import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startInside } from '../../src/lab/namespace.ts';
import { openScene, type Scene } from './scene.ts';

const scene: Scene = await openScene();
after(() => scene.close());
const { lab } = scene;

/** Everything the kernel tells of neighbours and routes of a family, in its order. */
function monitor(family: 4 | 6): { readonly text: () => string; close(): void } {
  const child = startInside('router', ['ip', `-${family}`, 'monitor', 'neigh', 'route']);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return { text: () => text, close: () => void child.kill('SIGKILL') };
}

for (const family of [4, 6] as const)
  test(`IPv${family}: the gateway of a returning provider is known before traffic goes to it`, async (t) => {
    const gateway = lab.isp('fibre').ends[family]?.gateway ?? '';
    const ip = (...words: readonly string[]): Promise<string> =>
      lab.run('router', ['ip', `-${family}`, ...words]);
    await lab.carrier('fibre', false);
    await scene.carries('cable', family);
    await ip('neigh', 'flush', 'dev', 'eth1');
    const seen = monitor(family);
    after(() => seen.close());
    const flow = await lab.flow({ family });
    await lab.heal('fibre');
    await scene.carries('fibre', family);
    const at =
      (await scene.decisions()).findLast(
        (decision) => decision.kind === 'switch' && decision.family === family,
      )?.at ?? 0;
    const report = await flow.settled(at - 500);
    flow.close();
    const lines = seen.text().split('\n');
    const known = lines.findIndex((line) => line.startsWith(`${gateway} dev eth1 lladdr `));
    const promoted = lines.findIndex((line) =>
      new RegExp(`^default via ${gateway} dev eth1 .*metric 77\\b`).test(line),
    );
    t.diagnostic(
      `${lines[known]} came ${promoted - known} lines before ${lines[promoted]}; ${report.lost} of ${report.sent} datagrams lost`,
    );
    assert.ok(known >= 0 && promoted >= 0 && known < promoted, seen.text());
    assert.doesNotMatch(
      lines.slice(known + 1).join('\n'),
      new RegExp(`^${gateway} dev eth1 +(FAILED|INCOMPLETE)`, 'm'),
    );
    await scene.calm();
  });

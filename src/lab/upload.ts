/** A line with a narrow way up, and an upload that fills it. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { nodeCommand } from '../process/program.ts';
import type { Isp } from './isp.ts';
import { runInside, startInside } from './namespace.ts';
import { flowTargets } from './topology.ts';

/** A bottleneck, and how long packets wait in front of it at most. */
export interface Bottleneck {
  readonly bitsPerSecond: number;
  readonly queueMs: number;
}

const port = 7020;
const burstBytes = 16_384;

/** Gives an ISP a bottleneck towards the internet. False where the kernel cannot (no `tbf`). */
export async function narrow({ name }: Isp, { bitsPerSecond, queueMs }: Bottleneck): Promise<boolean> {
  const shape = ['rate', `${bitsPerSecond}bit`, 'burst', `${burstBytes}`, 'latency', `${queueMs}ms`];
  const words = ['tc', 'qdisc', 'replace', 'dev', 'upstream', 'root', 'tbf', ...shape];
  return (await runInside(name, words)).code === 0;
}

/** TCP connections from the router to the internet that send as much as they can, and begin again if they end. */
export async function startUpload(): Promise<{ close(): void }> {
  const to = [flowTargets[4], String(port)];
  const server = startInside('internet', [...nodeCommand('src/lab/upload-server.ts'), ...to]);
  await ready(server);
  const sender = startInside('router', [...nodeCommand('src/lab/upload-sender.ts'), ...to]);
  await ready(sender);
  return {
    close: () => {
      sender.kill('SIGKILL');
      server.kill('SIGKILL');
    },
  };
}

async function ready(child: ChildProcessWithoutNullStreams): Promise<void> {
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  if (child.exitCode !== null) throw new Error(`The lab's upload did not start: ${said.join('')}`);
}

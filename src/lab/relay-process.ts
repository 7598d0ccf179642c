/** A link whose packets a process carries: point-to-point uplinks, and delay. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { nodeCommand } from '../process/program.ts';
import { startInside } from './namespace.ts';

/** A running relay between two tun devices of a namespace. */
export interface RelayLine {
  /** From now on holds packets this long in each direction. */
  hold(ms: number): void;
  /** Ends it; resolves when its devices are gone. */
  close(): Promise<void>;
}

/** Starts a relay; resolves when its two devices exist. @throws {Error} where there are no tun devices */
export async function startRelay(namespace: string, devices: readonly [string, string]): Promise<RelayLine> {
  const relay = startInside(namespace, [...nodeCommand('src/lab/relay.ts'), ...devices]);
  const trouble = collect(relay);
  const ready = await new Promise<boolean>((resolve) => {
    createInterface({ input: relay.stdout }).on('line', (line) => resolve(line === 'ready'));
    relay.on('close', () => resolve(false));
    relay.on('error', () => resolve(false));
  });
  relay.stdin.on('error', () => relay.kill('SIGKILL'));
  if (!ready) throw new Error(`no tun device could be created in ${namespace}: ${reason(trouble.join(''))}`);
  return {
    hold: (ms) => relay.stdin.write(`${ms}\n`),
    async close() {
      relay.kill('SIGKILL');
      if (relay.exitCode === null && relay.signalCode === null) await once(relay, 'exit');
    },
  };
}

function collect(child: ChildProcessWithoutNullStreams): readonly string[] {
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return said;
}

/** The line of a crash report that says what happened. */
function reason(text: string): string {
  return /^(?:\w*Error: )(.*)$/m.exec(text)?.[1] ?? text.trim().split('\n').at(-1) ?? 'no reason given';
}

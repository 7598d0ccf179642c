/** TCP streams through the lab's router: which of them live, and which way each of them goes. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Lab } from '../../src/lab/lab.ts';
import type { LabConfig } from '../../src/lab/lab-config.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { flowTargets } from '../../src/lab/topology.ts';
import { nodeCommand } from '../../src/process/program.ts';

/** Where servers listen. */
export const streamPort = 7010;

/** What became of a stream. One that was opened again is another. */
export interface Stream {
  readonly id: string;
  readonly startedAt: number;
  readonly via: string | undefined; // our address as the server sees it; undefined before the first answer
  readonly answers: number;
  readonly answeredAt: number;
  readonly ended: string | undefined; // 'closed', or an errno; undefined while it lives
}

/** A stream to open. */
export interface StreamOrder {
  readonly id: string;
  readonly to: string;
  readonly port?: number; // @default streamPort
  readonly everyMs: number; // between bytes; 0: only one
  readonly again?: boolean; // a new one when it ends
  readonly once?: boolean; // it ends with the first answer
  readonly from?: string; // local address
}

const program = new URL('./stream-ends.ts', import.meta.url).pathname;

/** Starts a server in a namespace; resolves when it listens. */
export async function serveStreams(
  namespace = 'internet',
  addresses: readonly string[] = Object.values(flowTargets),
): Promise<{ close(): void }> {
  const child = startInside(namespace, [...nodeCommand(program), 'serve', ...addresses]);
  child.stderr.pipe(process.stderr);
  await nextLine(createInterface({ input: child.stdout }), child);
  return { close: () => void child.kill('SIGKILL') };
}

/** Streams that begin in one namespace. */
export class Streams {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;

  constructor(namespace: string) {
    this.#child = startInside(namespace, [...nodeCommand(program), 'call']);
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  /** Resolves when it can open streams. */
  async ready(): Promise<void> {
    await nextLine(this.#lines, this.#child);
  }

  open(order: StreamOrder): void {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  end(id: string): void {
    this.#child.stdin.write(`${JSON.stringify({ end: id })}\n`);
  }

  /** Every stream so far, in the order they were opened. */
  async all(): Promise<readonly Stream[]> {
    this.#child.stdin.write('{"report":true}\n');
    return JSON.parse(await nextLine(this.#lines, this.#child));
  }

  /** The latest stream of that name. */
  async latest(id: string): Promise<Stream | undefined> {
    return (await this.all()).findLast((stream) => stream.id === id);
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Opens streams in a namespace of a lab. */
export async function streamsIn(namespace: string): Promise<Streams> {
  const streams = new Streams(namespace);
  await streams.ready();
  return streams;
}

/** The ISP a stream goes through, by the address the server sees. */
export function ispOf(lab: Lab, stream: Stream | undefined): string | undefined {
  const via = stream?.via?.replace(/^::ffff:/, '');
  return lab.isps.find(({ ends }) => via === ends[4]?.address || via === ends[6]?.address)?.name;
}

function nextLine(lines: Interface, child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the streams' program ended with ${code}`));
    child.once('exit', ended);
    lines.once('line', (line) => {
      child.off('exit', ended);
      resolve(line);
    });
  });
}

/** A lab's providers, each of which translates addresses; connections are marked. */
export function marked(lab: Lab, settings: Readonly<Record<string, unknown>> = {}): LabConfig {
  const providers = lab
    .config()
    .providers.map((provider) => ({ ...provider, nat: 'masquerade', ipv6Nat: 'masquerade' }));
  return { providers, connectionMarks: true, ...settings };
}

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Family } from '../../models/path.ts';
import { nodeCommand } from '../process/program.ts';
import { startInside } from './namespace.ts';
import { now } from './now.ts';
import { flowTargets } from './topology.ts';

/** How to measure. */
export interface FlowOptions {
  readonly family?: Family; // @default 4
  readonly periodMs?: number; // @default 10
  readonly lateMs?: number; // a datagram answered later counts as lost. @default 100
}

/** One datagram: when it was sent, and after how long its answer came; undefined when none came in time. */
export interface Datagram {
  readonly sentAt: number;
  readonly rttMs: number | undefined;
}

/** A time during which every datagram was lost. */
export interface Outage {
  readonly from: number; // first lost datagram sent; Unix epoch, ms
  readonly ms: number; // until the next answered one was sent
}

/** What happened to a flow. */
export interface FlowReport {
  readonly sent: number;
  readonly lost: number;
  readonly lostRatio: number | undefined; // undefined when nothing was sent
  readonly outages: readonly Outage[]; // in order
  readonly longestMs: number; // of the outages; 0 without
}

const echoPort = 7007;

/**
 * A flow of UDP datagrams from the router to the internet, unbound, so that each follows the current routes.
 */
export class Flow {
  readonly family: Family;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #periodMs: number;
  readonly #datagrams: Datagram[] = [];

  constructor({ family = 4, periodMs = 10, lateMs = 100 }: FlowOptions) {
    this.family = family;
    this.#periodMs = periodMs;
    const sender = nodeCommand('src/lab/flow-sender.ts');
    const args = [flowTargets[family], echoPort, periodMs, lateMs].map(String);
    this.#child = startInside('router', [...sender, ...args]);
    this.#child.stderr.resume(); // only late ICMP errors, which show as lost datagrams anyway
    this.#child.stdin.on('error', () => this.#child.kill('SIGKILL'));
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
  }

  /** Resolves when the fate of the first datagram is known. */
  async started(): Promise<void> {
    if (this.#datagrams.length === 0) await once(this.#child.stdout, 'data');
  }

  /** What happened to the datagrams sent at or after `from` whose fate is known by now. */
  report(from = 0): FlowReport {
    const datagrams = this.#datagrams.filter(({ sentAt }) => sentAt >= from);
    return summarise(datagrams, this.#periodMs);
  }

  /** When the first answered datagram at or after `from` was sent; undefined while there is none. */
  answeredSince(from: number): number | undefined {
    return this.#datagrams.find(({ sentAt, rttMs }) => sentAt >= from && rttMs !== undefined)?.sentAt;
  }

  /**
   * Resolves when the fates of all datagrams sent before this call are known, with the report from `from` on.
   */
  async settled(from = 0): Promise<FlowReport> {
    const calledAt = now();
    while ((this.#datagrams.at(-1)?.sentAt ?? 0) < calledAt && this.#child.exitCode === null)
      await once(this.#child.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
    return this.report(from);
  }

  /** Stops sending, waits for what is under way, and reports. */
  async stop(): Promise<FlowReport> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
    return this.report();
  }

  /** Ends at once. */
  close(): void {
    this.#child.kill('SIGKILL');
  }

  #take(line: string): void {
    const [sentAt, rttMs] = line.split(' ');
    this.#datagrams.push({ sentAt: Number(sentAt), rttMs: rttMs === '-' ? undefined : Number(rttMs) });
  }
}

/** Counts losses and finds the outages. Datagrams in order of sending, one per `periodMs`. */
export function summarise(datagrams: readonly Datagram[], periodMs: number): FlowReport {
  const outages: { from: number; ms: number }[] = [];
  let current: { from: number; ms: number } | undefined;
  for (const { sentAt, rttMs } of datagrams) {
    if (current) current.ms = sentAt - current.from + (rttMs === undefined ? periodMs : 0);
    if (rttMs === undefined && current === undefined) {
      current = { from: sentAt, ms: periodMs };
      outages.push(current);
    }
    if (rttMs !== undefined) current = undefined;
  }
  const lost = datagrams.filter(({ rttMs }) => rttMs === undefined).length;
  return {
    sent: datagrams.length,
    lost,
    lostRatio: datagrams.length === 0 ? undefined : lost / datagrams.length,
    outages,
    longestMs: Math.max(0, ...outages.map(({ ms }) => ms)),
  };
}

/** Starts the server that answers flows; resolves when it listens. */
export async function startEchoServer(): Promise<{ close(): void }> {
  const server = nodeCommand('src/lab/echo-server.ts');
  const child = startInside('internet', [...server, String(echoPort), flowTargets[4], flowTargets[6]]);
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  if (child.exitCode !== null) throw new Error(`The lab's echo server did not start: ${said.join('')}`);
  return { close: () => child.kill('SIGKILL') };
}

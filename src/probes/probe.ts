import { isIP } from 'node:net';
import type { Binding, Family } from '../../models/path.ts';
import type {
  Connection,
  ConnectOptions,
  DnsQuery,
  DnsReply,
  EchoOptions,
  ExecOptions,
  ExecOutcome,
  FetchOptions,
  FetchReply,
} from '../../models/primitives.ts';
import type { TestResult } from '../../models/test-result.ts';
import type { Probe } from '../../models/test-scenario.ts';
import { notRun } from '../reach/failure.ts';
import type { ReachContext } from '../reach/reach-context.ts';
import { failureOf } from '../reach/reach-error.ts';
import { echoBytes } from '../reach/wire-bytes.ts';
import { type BoundEcho, defaultEchoSize } from './echo/echo.ts';
import { mtuOf } from './echo/path-mtu.ts';

/** What a run of a scenario needs from its surroundings. */
export interface ProbeParts {
  readonly ground: ReachContext;
  readonly bound: BoundEcho;
  signal(): AbortSignal;
  onLate(rttMs: number): void;
}

/**
 * The primitives of one run of one scenario, bound to its path and to its deadline. All but the echo are loaded when first
 * used: most configurations only ping, and a start is to be short.
 */
export class BoundProbe implements Probe {
  readonly family: Family;
  readonly binding: Binding;
  readonly timeoutMs: number;
  readonly #parts: ProbeParts;

  constructor(parts: ProbeParts) {
    this.family = parts.ground.family;
    this.binding = parts.ground.binding;
    this.timeoutMs = parts.ground.scope.timeoutMs;
    this.#parts = parts;
  }

  /** Made on first use: few scenarios need it, and it costs more than an echo. */
  get signal(): AbortSignal {
    return this.#parts.signal();
  }

  get deviceMtu(): number {
    return mtuOf(this.binding, this.family);
  }

  echo(target: string, options: EchoOptions = {}): Promise<TestResult> {
    const address = target === 'gateway' ? this.binding.gateway : target;
    if (address === undefined)
      return Promise.resolve(notRun(`${this.binding.interfaceName} has no IPv${this.family} gateway to ask`));
    if (isIP(address) === this.family) return this.#echo(address, options); // without the cost of a lookup
    return this.resolve(address).then((resolved) => this.#echo(resolved, options), failureOf);
  }

  #echo(address: string, { size = defaultEchoSize, whole = false }: EchoOptions): Promise<TestResult> {
    const { bound, ground } = this.#parts;
    const bytes = echoBytes(this.family, size);
    const onLate = (rttMs: number): void => {
      ground.spend(bytes);
      this.#parts.onLate(rttMs);
    };
    const answered = bound.echo(address, {
      size,
      whole,
      timeoutMs: Math.max(1, ground.scope.remainingMs),
      onLate,
    });
    // Before the scenario hears of it, and beside it: a promise between them would cost every echo a turn.
    answered.then((result) => ground.spend(bytes * packetsOf(result)));
    return answered;
  }

  connect(host: string, port: number, options: ConnectOptions = {}): Promise<Connection> {
    return this.#whileRunning(async (ground) =>
      (await import('../reach/net/connection.ts')).openConnection(ground, { host, port }, options),
    );
  }

  fetch(url: string, options: FetchOptions = {}): Promise<FetchReply> {
    return this.#whileRunning(async (ground) =>
      (await import('../reach/net/http.ts')).fetchThrough(ground, url, options),
    );
  }

  resolve(name: string): Promise<string> {
    return this.#whileRunning(async (ground) => {
      const [address = name] = await ground.names.lookup(name, ground); // there is always one
      return address;
    });
  }

  query(name: string, { type = 'A', server }: DnsQuery = {}): Promise<DnsReply> {
    return this.#whileRunning(async (ground) =>
      (await import('../reach/dns/nameservers.ts')).askNameservers(ground, name, { type, server }),
    );
  }

  neighbour(): Promise<TestResult> {
    return this.#whileRunning(async (ground) =>
      (await import('./neighbour/neighbour.ts')).askNeighbour(ground).catch(failureOf),
    );
  }

  exec(program: readonly string[], options: ExecOptions = {}): Promise<ExecOutcome> {
    return this.#whileRunning(async (ground) =>
      (await import('./run-program.ts')).runProgram(ground, program, options),
    );
  }

  /**
   * A promise that settles while the run lasts, and never after it. A scenario that does not wait for it must not end
   * this process by an unhandled rejection, and one that goes on after its end is left standing where it waits.
   */
  #whileRunning<T>(begin: (ground: ReachContext) => Promise<T>): Promise<T> {
    const { ground } = this.#parts;
    const promise = new Promise<T>((resolve, reject) => {
      if (ground.scope.isOver) return;
      begin(ground).then(
        (value) => ground.scope.isOver || resolve(value),
        (error) => ground.scope.isOver || reject(error),
      );
    });
    promise.catch(() => undefined); // handled, also when nobody waits for it
    return promise;
  }
}

/** How many packets an echo came to: its answer, too, or none where it was not let out. */
function packetsOf(result: TestResult): 0 | 1 | 2 {
  if (result.ok) return 2;
  return result.code === 'no-answer' ? 1 : 0;
}

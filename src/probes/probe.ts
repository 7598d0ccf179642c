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
import type { Provider } from '../../models/provider.ts';
import type { Secret } from '../../models/secret.ts';
import type { Success, TestResult } from '../../models/test-result.ts';
import type { Probe } from '../../models/test-scenario.ts';
import { ScopedClient } from '../reach/client.ts';
import { notRun } from '../reach/failure.ts';
import type { ReachContext } from '../reach/reach-context.ts';
import { failureOf } from '../reach/reach-error.ts';
import type { RevealedSecrets } from '../reach/secrets.ts';
import { echoBytes } from '../reach/wire-bytes.ts';
import { type BoundEcho, defaultEchoSize } from './echo/echo.ts';
import { mtuOf } from './echo/path-mtu.ts';

const mostFetchedBytes = 1 << 20;

/** What a run of a scenario needs from outside. */
export interface ProbeParts {
  readonly provider: Provider;
  readonly context: ReachContext;
  readonly bound: BoundEcho;
  signal(): AbortSignal;
  onLate(late: Success): void;
}

/**
 * The primitives of one run of one scenario, bound to its path and its deadline. All but the echo are loaded when first
 * used: most configurations only ping, and start-up must be fast.
 */
export class BoundProbe implements Probe {
  readonly family: Family;
  readonly binding: Binding;
  readonly timeoutMs: number;
  readonly #parts: ProbeParts;

  constructor(parts: ProbeParts) {
    this.family = parts.context.family;
    this.binding = parts.context.binding;
    this.timeoutMs = parts.context.scope.timeoutMs;
    this.#parts = parts;
  }

  /** Created on first use: few scenarios need it, and it costs more than an echo. */
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
    const { bound, context } = this.#parts;
    const bytes = echoBytes(this.family, size);
    const onLate = (late: Success): void => {
      context.spend(bytes);
      this.#parts.onLate(late);
    };
    const answered = bound.echo(address, {
      size,
      whole,
      timeoutMs: Math.max(1, context.scope.remainingMs),
      onLate,
    });
    // Before the scenario gets the result, and separately: a promise in between would cost every echo an extra turn.
    answered.then((result) => context.spend(bytes * packetsOf(result)));
    return answered;
  }

  connect(host: string, port: number, options: ConnectOptions = {}): Promise<Connection> {
    return this.#ask((client) => client.connect(host, port, options));
  }

  fetch(
    url: string,
    { wantsBody = false, headers = {}, ...options }: FetchOptions = {},
  ): Promise<FetchReply> {
    const mostBodyBytes = wantsBody ? mostFetchedBytes : 0;
    if (holdsNoSecret(headers))
      return this.#ask((client) => client.request(url, { ...options, headers, mostBodyBytes }));
    return this.#ask(async (client) => {
      const secrets = await this.#secrets();
      const request = { ...options, mostBodyBytes, headers: await secrets.texts(headers) };
      return secrets.concealReply(await client.request(url, request));
    });
  }

  resolve(name: string): Promise<string> {
    return this.#ask(async (client) => {
      const [address = name] = await client.resolve(name); // always at least one
      return address;
    });
  }

  query(name: string, query: DnsQuery = {}): Promise<DnsReply> {
    return this.#ask((client) => client.query(name, query));
  }

  neighbour(): Promise<TestResult> {
    const { context } = this.#parts;
    return context.scope.whileRunning(async () =>
      (await import('./neighbour/neighbour.ts')).probeNeighbour(context).catch(failureOf),
    );
  }

  exec(program: readonly string[], options: ExecOptions = {}): Promise<ExecOutcome> {
    const { context, provider } = this.#parts;
    const { env: given = {} } = options;
    return context.scope.whileRunning(async () => {
      const { runProgram } = await import('./run-program.ts');
      if (holdsNoSecret(given)) return runProgram(context, provider, program, { env: given });
      const secrets = await this.#secrets();
      const env = await secrets.texts(given);
      const outcome = await runProgram(context, provider, program, { env });
      const { stdout, stderr } = outcome;
      return { ...outcome, stdout: secrets.conceal(stdout), stderr: secrets.conceal(stderr) };
    });
  }

  async #secrets(): Promise<RevealedSecrets> {
    return new (await import('../reach/secrets.ts')).RevealedSecrets();
  }

  #ask<T>(what: (client: ScopedClient) => Promise<T>): Promise<T> {
    const { context } = this.#parts;
    return context.scope.whileRunning(() => what(new ScopedClient(context)));
  }
}

/** Most scenarios use no secrets, and need not load the code that removes them from answers. */
function holdsNoSecret(
  texts: Readonly<Record<string, string | Secret>>,
): texts is Readonly<Record<string, string>> {
  return Object.values(texts).every((text) => typeof text === 'string');
}

/** How many packets an echo took: with its answer, two; none if it could not be sent. */
function packetsOf(result: TestResult): 0 | 1 | 2 {
  if (result.ok) return 2;
  return result.code === 'no-answer' ? 1 : 0;
}

import type { Connection, ConnectOptions, DnsQuery, DnsReply, FetchReply } from '../../models/primitives.ts';
import { NameCache } from './dns/name-cache.ts';
import type { OpenStream } from './net/connection.ts';
import type { HttpRequest } from './net/http-request.ts';
import type { ReachContext, ReachPath } from './reach-context.ts';
import { Scope } from './scope.ts';

const defaultTimeoutMs = 10_000;
const weekMs = 7 * 86_400_000;

/**
 * The operations through one path within one scope: each ends when the scope does, and what it opened is then closed.
 * The parts are loaded when first used: most configurations only ping, and start-up must be fast.
 */
export class ScopedClient {
  readonly #context: ReachContext;

  constructor(context: ReachContext) {
    this.#context = context;
  }

  /** A TCP connection that reads and writes text. @throws {ReachError} */
  async connect(host: string, port: number, options: ConnectOptions = {}): Promise<Connection> {
    const { openConnection } = await import('./net/connection.ts');
    return openConnection(this.#context, { host, port }, options);
  }

  /** A TCP connection as a Node.js stream. @throws {ReachError} */
  async open(host: string, port: number, options: ConnectOptions = {}): Promise<OpenStream> {
    const { openStream } = await import('./net/connection.ts');
    return openStream(this.#context, { host, port }, options);
  }

  /** One HTTP request, following redirects if asked to. Resolves with any status. @throws {ReachError} */
  async request(url: string, request: HttpRequest = {}): Promise<FetchReply> {
    const { requestThrough } = await import('./net/http.ts');
    return requestThrough(this.#context, url, request);
  }

  /**
   * The addresses of a name in the path's family, at least one; also of a literal or of `'gateway'`.
   * @throws {ReachError}
   */
  resolve(name: string): Promise<readonly string[]> {
    return this.#context.names.lookup(name, this.#context);
  }

  /** One DNS query. Resolves with any response code. @throws {ReachError} */
  async query(name: string, { type = 'A', server }: DnsQuery = {}): Promise<DnsReply> {
    const { queryNameservers } = await import('./dns/nameservers.ts');
    return queryNameservers(this.#context, name, { type, server });
  }
}

/** What a client is opened with. */
export interface ClientOptions
  extends Pick<ReachPath, 'family' | 'binding' | 'nameservers'>,
    Partial<Pick<ReachPath, 'names' | 'staleMs' | 'spend'>> {}

/** `timeoutMs`: for the whole operation. @default 10000 */
interface Timed {
  readonly timeoutMs?: number;
}

/**
 * A client whose packets leave by one path, whatever the machine's routes, and whose names are resolved there. Each
 * call has its own deadline, and is rejected with a `ReachError` that says what it was waiting for.
 */
export interface Client {
  /** `timeoutMs` is for the opening. The caller owns the stream, and destroys it. */
  connect(host: string, port: number, options?: ConnectOptions & Timed): Promise<OpenStream>;
  request(url: string, request?: HttpRequest & Timed): Promise<FetchReply>;
  resolve(name: string, options?: Timed): Promise<readonly string[]>;
  query(name: string, options?: DnsQuery & Timed): Promise<DnsReply>;
  /** Ends pending operations, and destroys the remaining streams. */
  close(): void;
}

/**
 * Opens a client for one path, as it is bound now. Unlike checks, it keeps using addresses whose time to live has ended
 * while the nameservers are dead: for `staleMs`, by default a week.
 */
export function openClient(options: ClientOptions): Client {
  const path: ReachPath = { names: new NameCache(), staleMs: weekMs, spend: () => undefined, ...options };
  const open = new Set<Scope>();

  function end(scope: Scope): void {
    open.delete(scope);
    scope.end();
  }
  async function within<T>(
    timeoutMs: number,
    use: (client: ScopedClient, scope: Scope) => Promise<T>,
    keep?: (value: T, end: () => void) => void, // takes over the scope instead of ending it with the call
  ): Promise<T> {
    const scope = new Scope(timeoutMs, () => performance.now());
    open.add(scope);
    const timer = setTimeout(() => scope.expire(), timeoutMs);
    let isKept = false;
    try {
      const value = await use(new ScopedClient({ ...path, scope }), scope);
      keep?.(value, () => end(scope));
      isKept = keep !== undefined;
      return value;
    } finally {
      clearTimeout(timer);
      if (!isKept) end(scope);
    }
  }

  return {
    connect: (host, port, { timeoutMs = defaultTimeoutMs, ...rest } = {}) =>
      within(
        timeoutMs,
        (client) => client.open(host, port, rest),
        ({ stream }, done) => void stream.once('close', done),
      ),
    request: (url, { timeoutMs = defaultTimeoutMs, ...rest } = {}) =>
      within(timeoutMs, (client) => client.request(url, rest)),
    resolve: (name, { timeoutMs = defaultTimeoutMs } = {}) =>
      within(timeoutMs, (client) => client.resolve(name)),
    query: (name, { timeoutMs = defaultTimeoutMs, ...rest } = {}) =>
      within(timeoutMs, (client) => client.query(name, rest)),
    close() {
      for (const scope of open) end(scope);
    },
  };
}

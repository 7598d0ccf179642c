import type { Family } from '../path.ts';
import type { Connection, TlsOptions } from '../primitives.ts';
import type { Provider } from '../provider.ts';
import type { TestResult } from '../test-result.ts';
import type { Probe } from '../test-scenario.ts';
import { contains, OptionedScenario, type ScenarioOptions, spellPattern } from './options.ts';
import { familiesOf } from './target.ts';

const mostBannerLength = 4096;

/** What a TCP check expects beyond a connection. */
export interface TcpOptions extends ScenarioOptions {
  readonly tls?: boolean | TlsOptions; // also negotiate TLS, with a trusted certificate. @default false
  readonly banner?: string | RegExp; // what the server must send unprompted, somewhere in the first 4 KiB
}

/** Connects to a TCP port and passes when that succeeds, and TLS and banner are as expected. */
export class TestScenarioTcp extends OptionedScenario {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly options: TcpOptions;

  constructor(host: string, port: number, options: TcpOptions = {}) {
    super();
    this.host = host;
    this.port = port;
    this.options = options;
    this.name = `tcp ${this.#target}`;
  }

  get #target(): string {
    return typeof this.host === 'string' && this.host.includes(':')
      ? `[${this.host}]:${this.port}`
      : `${this.host}:${this.port}`;
  }

  override get subject(): string {
    return this.#target;
  }

  /** Its form in JSON. */
  get plain(): Readonly<Record<string, unknown>> {
    return { tcp: this.#target, ...this.options };
  }

  override get families(): readonly Family[] {
    return familiesOf(this.host);
  }

  override get asksBeyondGateway(): boolean {
    return this.host !== 'gateway';
  }

  async runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    const { tls = false, banner } = this.options;
    const connection = await probe.connect(this.host, this.port, { tls });
    return banner === undefined
      ? { ok: true, rttMs: connection.rttMs }
      : await expectBanner(connection, banner);
  }
}

async function expectBanner(connection: Connection, banner: string | RegExp): Promise<TestResult> {
  let received = '';
  const otherwise = (): TestResult => {
    const sent = received === '' ? 'nothing' : JSON.stringify(received.slice(0, 60));
    return { ok: false, code: 'wrong-answer', reason: `it sent ${sent} instead of ${spellPattern(banner)}` };
  };
  while (!contains(received, banner)) {
    try {
      const piece = await connection.read();
      received += piece;
      if (piece === '' || received.length > mostBannerLength) return otherwise();
    } catch (error) {
      if (received === '') throw error;
      return otherwise(); // nothing more came in time: what did come is more informative
    }
  }
  return { ok: true, rttMs: connection.rttMs };
}

/** A TCP connection to an address, a name, or `'gateway'`. */
export function tcp(host: string, port: number, options?: TcpOptions): TestScenarioTcp {
  return new TestScenarioTcp(host, port, options);
}

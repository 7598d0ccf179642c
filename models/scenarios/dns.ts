import type { Layer } from '../layer.ts';
import { type Family, families } from '../path.ts';
import type { DnsReply, DnsType } from '../primitives.ts';
import type { Provider } from '../provider.ts';
import type { TestResult } from '../test-result.ts';
import type { Probe } from '../test-scenario.ts';
import { OptionedScenario, type ScenarioOptions } from './options.ts';
import { familiesOf } from './target.ts';

/** Which server a DNS check queries, for what, and what the answer must be. */
export interface DnsOptions extends ScenarioOptions {
  readonly server?: string; // a literal address or 'gateway'; the provider's nameservers, if unset
  readonly type?: DnsType; // @default 'A'
  /** The records that may be in the answer; `'NXDOMAIN'`: the name must not exist. Any record, if unset. */
  readonly expect?: string | readonly string[];
}

/** Queries a DNS server and passes when it returns a record, and no unexpected one. */
export class TestScenarioDns extends OptionedScenario {
  readonly name: string;
  readonly question: string;
  readonly options: DnsOptions;

  constructor(question: string, options: DnsOptions = {}) {
    super();
    this.question = question;
    this.options = options;
    this.name = `dns ${this.subject}`;
  }

  override get subject(): string {
    const { type, server } = this.options;
    return `${this.question}${type === undefined ? '' : ` ${type}`}${server === undefined ? '' : ` @${server}`}`;
  }

  /** Its form in JSON. */
  get plain(): Readonly<Record<string, unknown>> {
    return { dns: this.question, ...this.options };
  }

  override get families(): readonly Family[] {
    const { server } = this.options;
    return server === undefined ? families : familiesOf(server);
  }

  override get asksBeyondGateway(): boolean {
    return this.options.server !== 'gateway';
  }

  override get layer(): Layer {
    return 'dns';
  }

  async runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    const { server, type = 'A', expect } = this.options;
    const reply = await probe.query(this.question, { type, ...(server === undefined ? {} : { server }) });
    const expected = expect === undefined ? undefined : [expect].flat();
    const reason = fault(reply, `${this.question} (${type})`, expected);
    return reason === undefined
      ? { ok: true, rttMs: reply.rttMs }
      : { ok: false, code: 'wrong-answer', reason };
  }
}

/** What is wrong with an answer. */
function fault(reply: DnsReply, what: string, expected: readonly string[] | undefined): string | undefined {
  const { code, answers, server } = reply;
  const mustNotExist = expected?.includes('NXDOMAIN');
  if (code === 'NXDOMAIN')
    return mustNotExist ? undefined : `${server} says that ${what} does not exist (NXDOMAIN)`;
  if (code !== 'NOERROR') return `${server} answered ${code} for ${what}`;
  if (answers.length === 0) return `${server} has no record for ${what}`;
  const known = expected?.map(canonical);
  const wrong =
    known === undefined ? undefined : answers.find((answer) => !known.includes(canonical(answer)));
  if (wrong === undefined) return undefined;
  return `${server} lies about ${what}: it answered ${wrong} instead of ${expected?.join(' or ')}`;
}

function canonical(text: string): string {
  return text.toLowerCase().replace(/\.$/, '');
}

/** One DNS query. */
export function dns(name: string, options?: DnsOptions): TestScenarioDns {
  return new TestScenarioDns(name, options);
}

import type { Layer } from '../layer.ts';
import type { Family } from '../path.ts';
import type { FetchOptions, FetchReply } from '../primitives.ts';
import type { Provider } from '../provider.ts';
import type { Failure, FailureDetail, TestResult } from '../test-result.ts';
import type { Probe } from '../test-scenario.ts';
import { contains, OptionedScenario, type ScenarioOptions, spellPattern } from './options.ts';
import { familiesOf } from './target.ts';

/** What an HTTP check requests, and what it expects. */
export interface HttpOptions extends ScenarioOptions, Omit<FetchOptions, 'wantsBody' | 'body'> {
  readonly status?: number | readonly number[]; // @default 200 to 299
  readonly body?: string | RegExp; // what the first MiB of the body must contain
}

/** Sends an HTTP request and passes when status and body are as expected; by default, any 2xx. */
export class TestScenarioHttp extends OptionedScenario {
  readonly name: string;
  readonly url: string;
  readonly options: HttpOptions;

  constructor(url: string, options: HttpOptions = {}) {
    super();
    this.url = url;
    this.options = options;
    this.name = `http ${withoutSecrets(url)}`;
  }

  /** The server in the URL. */
  get hostname(): string {
    return hostOf(this.url);
  }

  override get subject(): string {
    return withoutSecrets(this.url);
  }

  /** Its form in JSON. */
  get plain(): Readonly<Record<string, unknown>> {
    return { http: this.url, ...this.options };
  }

  override get families(): readonly Family[] {
    return familiesOf(this.hostname);
  }

  override get asksBeyondGateway(): boolean {
    return hostOf(this.url) !== 'gateway' || this.options.followRedirects === true;
  }

  override get layer(): Layer {
    return 'http';
  }

  async runTest(_provider: Provider, probe: Probe): Promise<TestResult> {
    const { status, body, timeout: _, ...options } = this.options;
    const reply = await probe.fetch(this.url, { ...options, wantsBody: body !== undefined });
    const expected = status === undefined ? undefined : [status].flat();
    if (!isExpected(reply.status, expected)) return statusFailure(reply, expected, probe.binding.gateway);
    if (body === undefined || contains(reply.body, body)) return { ok: true, rttMs: reply.rttMs };
    const found = JSON.stringify(reply.body.slice(0, 60));
    return wrong(`the body does not contain ${spellPattern(body)}, it begins ${found}`);
  }
}

function isExpected(status: number, expected: readonly number[] | undefined): boolean {
  return expected === undefined ? status >= 200 && status <= 299 : expected.includes(status);
}

/** What a wrong status means: status 511 (RFC 6585 6) and a redirect to another server lead to a login page. */
function statusFailure(
  { status, location, url }: FetchReply,
  expected: readonly number[] | undefined,
  gateway: string | undefined,
): Failure {
  const usual = expected === undefined ? '2xx' : expected.join(' or ');
  if (location !== undefined) {
    const [from, to] = [hostOf(url), hostOf(location)].map((host) => (host === gateway ? 'gateway' : host));
    const target = withoutSecrets(location);
    if (bare(from) !== bare(to)) return portal(`status ${status} to ${target}`, target);
    return wrong(`status ${status} to ${target} instead of ${usual}: ask there, or set followRedirects`);
  }
  if (status === 511) return portal('status 511 (network authentication required)');
  const isSwapped = status === 200 && expected?.every((code) => code === 204);
  const reason = `status ${status} instead of ${usual}`;
  return isSwapped ? portal(reason) : wrong(reason);
}

function wrong(reason: string): Failure {
  return { ok: false, code: 'wrong-answer', reason };
}

/** A login page, without its query, which may be private and changes each time. */
function portal(what: string, url?: string): Failure {
  const detail: FailureDetail =
    url === undefined ? { code: 'portal' } : { code: 'portal', location: url.replace(/[?#].*$/, '') };
  return { ok: false, ...detail, reason: `${what}: captive portal` };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}

function bare(host: string | undefined): string | undefined {
  return host?.replace(/^www\./, '');
}

/** Names end up in journals: no user, no password. */
function withoutSecrets(url: string): string {
  return String(url).replace(/^(\w+:\/\/)[^/?#]*@/, '$1');
}

/** One HTTP request. The server in the URL may be an address, a name, or `gateway`. */
export function http(url: string, options?: HttpOptions): TestScenarioHttp {
  return new TestScenarioHttp(url, options);
}

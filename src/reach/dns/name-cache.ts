import { isIP } from 'node:net';
import type { DnsReply } from '../../../models/primitives.ts';
import { hasAnswered } from '../../../models/test-result.ts';
import type { Names, ReachContext } from '../reach-context.ts';
import { failure, impossible, ReachError } from '../reach-error.ts';

const longestMs = 86_400_000; // RFC 8767 4 recommends a cap on what a server sets
const staleAfterMs = 1800; // RFC 8767 5, the client response timer
const retryMs = 30_000; // RFC 8767 5, the failure recheck timer
const mostNames = 1000; // the most recent, in case scenarios generate names

/** What is known about a name. */
interface Known {
  readonly addresses: readonly string[];
  readonly until: number; // the end of its time to live
  retryAt: number; // the nameservers did not answer, and are not queried again before this
}

/**
 * The addresses of names as one path sees them, each kept for its time to live. After that they are used only if the
 * caller allows it (`staleMs`), and only while the nameservers fail or are silent: RFC 8767. An answer that a name does
 * not exist ends its use.
 */
export class NameCache implements Names {
  readonly #known = new Map<string, Known>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  async lookup(host: string, context: ReachContext): Promise<readonly string[]> {
    const { binding, family, staleMs = 0 } = context;
    const address = host === 'gateway' ? binding.gateway : host;
    if (address === undefined)
      throw impossible(`${binding.interfaceName} has no IPv${family} gateway to ask`);
    if (isIP(address) === family) return [address];
    if (isIP(address) !== 0) throw impossible(`"${address}" is not an IPv${family} address`);
    const name = address.toLowerCase();
    const known = this.#known.get(name);
    const now = this.#now();
    if (known !== undefined && now < known.until) return known.addresses;
    if (known === undefined || now >= known.until + staleMs) return this.#resolve(name, context);
    if (now < known.retryAt) return known.addresses;
    return this.#resolveOr(known, name, context);
  }

  /** A new answer, or the old one if the nameservers fail, or are silent for too long for the caller to wait. */
  async #resolveOr(stale: Known, name: string, context: ReachContext): Promise<readonly string[]> {
    const { scope } = context;
    const resolved = this.#resolve(name, context);
    try {
      const patienceMs = Math.min(staleAfterMs, scope.remainingMs / 2);
      const found = await Promise.race([resolved, scope.pause(patienceMs)]);
      if (found !== undefined) return found;
      resolved.catch(() => undefined); // the caller has moved on; an answer that still comes is kept
    } catch (error) {
      const isDenied = this.#known.get(name) === undefined;
      if (isDenied || !(error instanceof ReachError)) throw error;
    }
    stale.retryAt = this.#now() + retryMs;
    return stale.addresses;
  }

  async #resolve(name: string, context: ReachContext): Promise<readonly string[]> {
    const reply = await query(name, context);
    const denial = denialIn(reply, name, context);
    if (denial !== undefined) {
      this.#known.delete(name);
      throw denial;
    }
    const { answers, ttlS } = reply;
    const now = this.#now();
    this.#known.delete(name); // the most recent are at the end
    this.#known.set(name, {
      addresses: answers,
      until: now + Math.min(ttlS * 1000, longestMs),
      retryAt: now,
    });
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > mostNames) this.#known.delete(oldest);
    return answers;
  }
}

/** A nameserver's answer about a name, if only that it does not exist. @throws {ReachError} if none can answer */
async function query(name: string, context: ReachContext): Promise<DnsReply> {
  try {
    const { queryNameservers } = await import('./nameservers.ts'); // few targets are names
    const reply = await queryNameservers(context, name, { type: context.family === 4 ? 'A' : 'AAAA' });
    const { code, server } = reply;
    if (code === 'NOERROR' || code === 'NXDOMAIN') return reply;
    throw failure('wrong-answer', `${server} answered ${code}`);
  } catch (error) {
    if (!(error instanceof ReachError) || error.failure.code === 'not-run') throw error;
    const answered = hasAnswered(error.failure);
    throw failure({ code: 'dns', answered }, `${name} cannot be resolved: ${error.message}`, error);
  }
}

/** Why an answer contains no address. */
function denialIn(
  { code, server, answers }: DnsReply,
  name: string,
  { family }: ReachContext,
): ReachError | undefined {
  if (code === 'NXDOMAIN')
    return failure({ code: 'dns', answered: true }, `${name} does not exist, says ${server} (NXDOMAIN)`);
  return answers.length === 0 ? impossible(`${name} has no IPv${family} address`) : undefined;
}

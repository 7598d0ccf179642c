import { isIP } from 'node:net';
import type { DnsReply } from '../../../models/primitives.ts';
import { hasAnswered } from '../../../models/test-result.ts';
import type { Names, ReachContext } from '../reach-context.ts';
import { failure, impossible, ReachError } from '../reach-error.ts';

const longestMs = 86_400_000; // RFC 8767 4 advises to cap what a server says
const staleAfterMs = 1800; // RFC 8767 5, the client response timer
const retryMs = 30_000; // RFC 8767 5, the failure recheck timer
const mostNames = 1000; // of scenarios that make names up, the latest

/** What is known of a name. */
interface Known {
  readonly addresses: readonly string[];
  readonly until: number; // its time to live ends
  retryAt: number; // until then the nameservers are not asked again, since they did not answer
}

/**
 * The addresses of names as one path sees them, each kept for its time to live. After that they are used only where the
 * caller allows it (`staleMs`), and only while the nameservers fail or are silent: RFC 8767. That a name does not exist is
 * an answer, and ends it.
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

  /** A new answer, or the old one where the nameservers fail, or say nothing for so long that the caller would wait in vain. */
  async #resolveOr(stale: Known, name: string, context: ReachContext): Promise<readonly string[]> {
    const { scope } = context;
    const resolved = this.#resolve(name, context);
    try {
      const patienceMs = Math.min(staleAfterMs, scope.remainingMs / 2);
      const found = await Promise.race([resolved, scope.pause(patienceMs)]);
      if (found !== undefined) return found;
      resolved.catch(() => undefined); // the caller has gone on; an answer that still comes is kept
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
    this.#known.delete(name); // the latest are at the end
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

/** What a nameserver says of a name, if only that it does not exist. @throws {ReachError} when none can say */
async function query(name: string, context: ReachContext): Promise<DnsReply> {
  try {
    const { askNameservers } = await import('./nameservers.ts'); // few targets are names
    const reply = await askNameservers(context, name, { type: context.family === 4 ? 'A' : 'AAAA' });
    const { code, server } = reply;
    if (code === 'NOERROR' || code === 'NXDOMAIN') return reply;
    throw failure('wrong-answer', `${server} answered ${code}`);
  } catch (error) {
    if (!(error instanceof ReachError) || error.failure.code === 'not-run') throw error;
    const answered = hasAnswered(error.failure);
    throw failure({ code: 'dns', answered }, `${name} cannot be resolved: ${error.message}`, error);
  }
}

/** Why an answer gives no address. */
function denialIn(
  { code, server, answers }: DnsReply,
  name: string,
  { family }: ReachContext,
): ReachError | undefined {
  if (code === 'NXDOMAIN')
    return failure({ code: 'dns', answered: true }, `${name} does not exist, says ${server} (NXDOMAIN)`);
  return answers.length === 0 ? impossible(`${name} has no IPv${family} address`) : undefined;
}

import { isIP } from 'node:net';
import type { DnsReply } from '../../../models/primitives.ts';
import { hasAnswered } from '../../../models/test-result.ts';
import type { Names, ReachContext } from '../reach-context.ts';
import { failure, impossible, ReachError } from '../reach-error.ts';

const longestMs = 86_400_000; // RFC 8767 4 advises to cap what a server says

/** The addresses of names as one path sees them, each kept for its time to live. */
export class NameCache implements Names {
  readonly #known = new Map<string, { readonly addresses: readonly string[]; readonly until: number }>();

  async lookup(host: string, ground: ReachContext): Promise<readonly string[]> {
    const { binding, family } = ground;
    const address = host === 'gateway' ? binding.gateway : host;
    if (address === undefined)
      throw impossible(`${binding.interfaceName} has no IPv${family} gateway to ask`);
    if (isIP(address) === family) return [address];
    if (isIP(address) !== 0) throw impossible(`"${address}" is not an IPv${family} address`);
    const name = address.toLowerCase();
    const known = this.#known.get(name);
    if (known !== undefined && performance.now() < known.until) return known.addresses;
    this.#known.delete(name);
    const { answers, ttlS } = await resolve(name, ground);
    this.#known.set(name, {
      addresses: answers,
      until: performance.now() + Math.min(ttlS * 1000, longestMs),
    });
    return answers;
  }
}

async function resolve(name: string, ground: ReachContext): Promise<DnsReply> {
  const type = ground.family === 4 ? 'A' : 'AAAA';
  try {
    const { askNameservers } = await import('./nameservers.ts'); // few targets are names
    return usable(await askNameservers(ground, name, { type }), name, ground);
  } catch (error) {
    if (!(error instanceof ReachError)) throw error;
    const { code, reason } = error.failure;
    if (code === 'not-run' || code === 'dns') throw error;
    const answered = hasAnswered(error.failure);
    throw failure({ code: 'dns', answered }, `${name} cannot be resolved: ${reason}`, error);
  }
}

/** That a name does not exist. */
const denied = { code: 'dns', answered: true } as const;

function usable(reply: DnsReply, name: string, { family }: ReachContext): DnsReply {
  const { code, server, answers } = reply;
  if (code === 'NXDOMAIN') throw failure(denied, `${name} does not exist, says ${server} (NXDOMAIN)`);
  if (code !== 'NOERROR') throw failure('wrong-answer', `${server} answered ${code}`);
  if (answers.length === 0) throw impossible(`${name} has no IPv${family} address`);
  return reply;
}

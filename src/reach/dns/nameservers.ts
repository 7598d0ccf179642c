import { isIP } from 'node:net';
import type { DnsReply, DnsType } from '../../../models/primitives.ts';
import { mostTelling } from '../../../models/test-result.ts';
import { raceStaggered } from '../net/staggered.ts';
import type { ReachContext } from '../reach-context.ts';
import { failure, impossible, ReachError } from '../reach-error.ts';
import { question } from './dns-message.ts';
import { queryServer } from './dns-query.ts';

const mostStaggerMs = 300;

/**
 * Queries the provider's nameservers of the path's family, or one server. The next is queried if one fails, cannot
 * answer (SERVFAIL, REFUSED), or is slow. Resolves with an answer of any code. @throws {ReachError}
 */
export async function queryNameservers(
  context: ReachContext,
  name: string,
  { type, server }: { type: DnsType; server?: string | undefined },
): Promise<DnsReply> {
  const servers = server === undefined ? serversOf(context) : [literal(context, server)];
  const attempts = servers.map((address) => async () => {
    const reply = await queryServer(context, address, question(name, type));
    if (reply.code !== 'NOERROR' && reply.code !== 'NXDOMAIN') throw new Helpless(reply);
    return reply;
  });
  try {
    return await raceStaggered(
      attempts,
      Math.min(mostStaggerMs, context.scope.remainingMs / 4),
      context.scope,
    );
  } catch (problems) {
    return replyOrReason([problems].flat());
  }
}

/** A server replied that it cannot answer. */
class Helpless extends Error {
  readonly reply: DnsReply;

  constructor(reply: DnsReply) {
    super(reply.code);
    this.reply = reply;
  }
}

function replyOrReason(problems: readonly unknown[]): DnsReply {
  const helpless = problems.find((problem) => problem instanceof Helpless);
  if (helpless !== undefined) return helpless.reply;
  const known = problems.filter((problem) => problem instanceof ReachError);
  const [first, ...others] = known;
  if (first === undefined || known.length < problems.length) throw problems[0];
  if (others.length === 0) throw first;
  const reasons = [...new Set(known.map(({ message }) => message))].join('; ');
  throw failure(mostTelling([first.failure, ...others.map((other) => other.failure)]), reasons, first);
}

function serversOf(context: ReachContext): string[] {
  const { gateway, dns = [] } = context.binding;
  const servers = context.nameservers
    .flatMap((server) => (server === 'gateway' ? (gateway ?? []) : server === 'lease' ? dns : server))
    .filter((server) => isIP(server) === context.family);
  if (servers.length === 0) throw impossible(noServer(context));
  return servers;
}

function noServer({ family, nameservers, binding }: ReachContext): string {
  return nameservers.includes('lease')
    ? `there is no IPv${family} nameserver to ask: none was reported for ${binding.interfaceName} (setting nameservers)`
    : `there is no IPv${family} nameserver to ask (setting nameservers)`;
}

function literal({ binding, family }: ReachContext, server: string): string {
  const address = server === 'gateway' ? binding.gateway : server;
  if (address === undefined) throw impossible(`${binding.interfaceName} has no IPv${family} gateway to ask`);
  if (isIP(address) !== family) throw impossible(`"${address}" is not an IPv${family} address`);
  return address;
}

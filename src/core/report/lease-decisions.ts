/** The words of what others report about devices. */
import type { UnnumberedDecision } from '../../../models/decision.ts';
import type { LeaseEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Lease, Reported } from '../../../models/lease.ts';
import { duration, familyName } from '../format.ts';
import { isOverdue } from '../state/leases.ts';
import { blank } from './decisions.ts';

/** Something new was reported. */
export function leaseDecision(
  { at, source, gateway, dns }: LeaseEvent,
  lease: Lease,
  provider: string | undefined,
): UnnumberedDecision {
  const parts = {
    ...(gateway !== undefined && lease.gateway && { gateway: lease.gateway }),
    ...(dns !== undefined && lease.dns && { dns: lease.dns }),
  };
  const until = (parts.gateway ?? parts.dns)?.until;
  const holds = until === undefined ? 'until it is withdrawn' : `for ${duration(Math.max(0, until - at))}`;
  return {
    ...about(at, lease, provider),
    sentence: `${nameOf(lease)}: ${list(parts)} reported by ${source}`,
    reason: holds,
  };
}

/** What had been reported was withdrawn. */
export function leaseGoneDecision(
  { at, device, family, source }: LeaseEvent,
  before: Lease | undefined,
  provider: string | undefined,
): UnnumberedDecision {
  const lease = before ?? { device, family };
  return {
    ...about(at, lease, provider),
    severity: 'notice',
    sentence: `${nameOf(lease)}: ${list(lease)} withdrawn`,
    reason: `${source} says that it is gone`,
  };
}

/** What had been reported ran out. */
export function leaseOverDecision(
  at: Instant,
  lease: Lease,
  provider: string | undefined,
): UnnumberedDecision {
  const { gateway, dns } = lease;
  const [first] = [gateway, dns].filter((part) => part !== undefined);
  const age = first === undefined ? '' : `${first.source} reported it ${duration(at - first.at)} ago`;
  const kept =
    gateway === undefined ? '' : `; the gateway is used while ${lease.device} keeps its address and it works`;
  return {
    ...about(at, lease, provider),
    severity: 'warning',
    sentence: `${nameOf(lease)}: ${list(lease)} has run out and was not renewed`,
    reason: `${age}${kept}`,
  };
}

/** What runs out soon, though it should have been renewed by now. */
export function leaseRemarks({ gateway, dns }: Pick<Lease, 'gateway' | 'dns'>, now: Instant): string[] {
  const remark = (what: string, part: Reported<unknown> | undefined): string[] =>
    part?.until === undefined || !isOverdue(part, now)
      ? []
      : [`${what} runs out in ${duration(Math.max(0, part.until - now))}: ${part.source} has not renewed it`];
  const isSame = gateway?.until === dns?.until && gateway?.source === dns?.source;
  const words = list({ ...(gateway && { gateway }), ...(dns && { dns }) });
  if (isSame) return remark(words, gateway ?? dns);
  return [
    ...remark(list({ ...(gateway && { gateway }) }), gateway),
    ...remark(list({ ...(dns && { dns }) }), dns),
  ];
}

/** `'gateway 10.10.1.254, DNS 10.10.1.53'` */
function list({ gateway, dns }: Pick<Lease, 'gateway' | 'dns'>): string {
  const parts = [
    gateway === undefined ? undefined : `gateway ${gateway.value}`,
    dns === undefined ? undefined : `DNS ${dns.value.join(' ')}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function nameOf({ device, family }: Pick<Lease, 'device' | 'family'>): string {
  return `${device} (${familyName(family)})`;
}

function about(
  at: Instant,
  { device, family }: Pick<Lease, 'device' | 'family'>,
  provider: string | undefined,
): UnnumberedDecision {
  return { ...blank(at), kind: 'link', family, provider, numbers: { device } };
}

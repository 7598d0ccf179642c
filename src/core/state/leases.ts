/** What others reported about devices: recorded, renewed, run out, withdrawn. */
import type { LeaseEvent } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Lease, Reported } from '../../../models/lease.ts';
import type { Family } from '../../../models/path.ts';

type Leases = Map<string, Lease>;

/** Where `State.leases` has what was reported about a device in one family. */
export function leaseKey(device: string, family: Family): string {
  return `${device}/${family}`;
}

/** What an earlier run knew, without what has run out since. */
export function leasesInForce(known: readonly Lease[], now: Instant): Leases {
  const leases: Leases = new Map();
  for (const lease of known) keep(leases, inForce(lease, now));
  return leases;
}

/** How a report changed what is known. `renewed`: only how long it holds. */
export interface LeaseChange {
  readonly kind: 'new' | 'renewed' | 'gone';
  readonly before: Lease | undefined;
}

/** Records a report. `undefined`: it is older than what is known, or withdraws what was never reported. */
export function noteLease(leases: Leases, event: LeaseEvent): LeaseChange | undefined {
  const { device, family, gateway, dns } = event;
  const before = leases.get(leaseKey(device, family));
  if (gateway === undefined && dns === undefined) return withdraw(leases, before, event);
  const parts = {
    gateway: renewed(before?.gateway, gateway, event),
    dns: renewed(before?.dns, dns, event),
  };
  if (parts.gateway === before?.gateway && parts.dns === before?.dns) return undefined;
  keep(leases, withParts({ device, family }, parts));
  const isNew =
    String(parts.gateway?.value) !== String(before?.gateway?.value) ||
    String(parts.dns?.value) !== String(before?.dns?.value);
  return { kind: isNew ? 'new' : 'renewed', before };
}

function withdraw(leases: Leases, before: Lease | undefined, { at }: LeaseEvent): LeaseChange | undefined {
  if (before === undefined) return undefined;
  const later = <T>(part: Reported<T> | undefined): Reported<T> | undefined =>
    part !== undefined && part.at > at ? part : undefined;
  const left = { gateway: later(before.gateway), dns: later(before.dns) };
  if (left.gateway === before.gateway && left.dns === before.dns) return undefined;
  leases.delete(leaseKey(before.device, before.family));
  keep(leases, withParts(before, left));
  return { kind: 'gone', before };
}

/** What is kept of one value: as reported now, or as it was if it was not reported, or has been reported since. */
function renewed<T>(
  known: Reported<T> | undefined,
  value: T | undefined,
  { at, source, until }: LeaseEvent,
): Reported<T> | undefined {
  if (value === undefined || (known !== undefined && known.at > at)) return known;
  return { value, source, at, ...(until !== undefined && { until }) };
}

/** Forgets what has run out. Returns it. */
export function endLeases(leases: Leases, now: Instant): readonly Lease[] {
  const over: Lease[] = [];
  for (const [key, lease] of leases) {
    const { gateway, dns } = lease;
    const parts = {
      gateway: gateway && isOver(gateway, now) ? gateway : undefined,
      dns: dns && isOver(dns, now) ? dns : undefined,
    };
    if (parts.gateway === undefined && parts.dns === undefined) continue;
    over.push(withParts(lease, parts));
    leases.delete(key);
    keep(leases, inForce(lease, now));
  }
  return over;
}

/** The part of its time after which a client has asked for more twice, RFC 2131 4.4.5 (T2). */
const renewedByRatio = 0.875;

/** Whether it runs out soon, though a client that works would have renewed it by now. */
export function isOverdue({ at, until }: Reported<unknown>, now: Instant): boolean {
  return until !== undefined && now >= at + (until - at) * renewedByRatio;
}

function isOver({ until }: Reported<unknown>, now: Instant): boolean {
  return until !== undefined && until <= now;
}

function inForce(lease: Lease, now: Instant): Lease {
  const { gateway, dns } = lease;
  return withParts(lease, {
    gateway: gateway && isOver(gateway, now) ? undefined : gateway,
    dns: dns && isOver(dns, now) ? undefined : dns,
  });
}

interface Parts {
  readonly gateway: Lease['gateway'] | undefined;
  readonly dns: Lease['dns'] | undefined;
}

function withParts({ device, family }: Pick<Lease, 'device' | 'family'>, { gateway, dns }: Parts): Lease {
  return { device, family, ...(gateway && { gateway }), ...(dns && { dns }) };
}

function keep(leases: Leases, lease: Lease): void {
  if (lease.gateway !== undefined || lease.dns !== undefined)
    leases.set(leaseKey(lease.device, lease.family), lease);
}

import type { Family } from '../../../models/path.ts';
import {
  mainTable,
  type Nexthop,
  type Operation,
  ourProtocol,
  type Route,
  type Rule,
} from '../../../models/route.ts';

/** A route as `ip route` takes it, after the verb: `['default', 'via', '10.10.1.254', 'dev', 'eth1', …]`. */
export function spellRoute(route: Route): string[] {
  return [
    ...(route.type === 'unicast' ? [] : [route.type]),
    route.dst,
    ...(route.nhid === undefined ? [] : ['nhid', String(route.nhid)]),
    ...nextHop(route),
    ...(route.src === undefined ? [] : ['src', route.src]),
    ...(isDirect(route) ? ['scope', 'link'] : []),
    ...(route.onlink ? ['onlink'] : []),
    ...(route.table === mainTable ? [] : ['table', String(route.table)]),
    ...(route.metric === 0 ? [] : ['metric', String(route.metric)]),
    'proto',
    String(ourProtocol),
    ...(route.hops ?? []).flatMap((hop) => [
      'nexthop',
      ...nextHop(hop),
      'weight',
      String(hop.weight),
      ...(hop.onlink ? ['onlink'] : []),
    ]),
  ];
}

function nextHop({ gateway, dev }: Pick<Route, 'gateway' | 'dev'>): string[] {
  return [...(gateway === undefined ? [] : ['via', gateway]), ...(dev === undefined ? [] : ['dev', dev])];
}

/** An IPv4 route without gateway reaches its destination on the link itself. */
function isDirect({ family, type, gateway, hops, nhid }: Route): boolean {
  return (
    family === 4 &&
    type === 'unicast' &&
    gateway === undefined &&
    nhid === undefined &&
    (hops ?? []).every((hop) => hop.gateway === undefined)
  );
}

/** A nexthop object as `ip nexthop` takes it, after the verb. */
export function spellNexthop(nexthop: Nexthop): string[] {
  const end = ['proto', String(ourProtocol)];
  if (!('members' in nexthop))
    return ['id', String(nexthop.id), ...nextHop(nexthop), ...(nexthop.onlink ? ['onlink'] : []), ...end];
  const { members, buckets, idleSeconds, unbalancedSeconds } = nexthop;
  const group = members.map(({ id, weight }) => (weight === 1 ? `${id}` : `${id},${weight}`)).join('/');
  const timers = ['idle_timer', String(idleSeconds), 'unbalanced_timer', String(unbalancedSeconds)];
  const kind = ['type', 'resilient', 'buckets', String(buckets), ...timers];
  return ['id', String(nexthop.id), 'group', group, ...kind, ...end];
}

/** A rule as `ip rule` takes it, after the verb. */
export function spellRule(rule: Rule): string[] {
  return [
    'pref',
    String(rule.pref),
    ...(rule.from === undefined ? [] : ['from', rule.from]),
    ...(rule.to === undefined ? [] : ['to', rule.to]),
    ...(rule.oif === undefined ? [] : ['oif', rule.oif]),
    ...(rule.mark === undefined ? [] : ['fwmark', `${hex(rule.mark.value)}/${hex(rule.mark.mask)}`]),
    ...(rule.table === undefined ? [] : ['lookup', rule.table === mainTable ? 'main' : String(rule.table)]),
    ...(rule.goto === undefined ? [] : ['goto', String(rule.goto)]),
    ...(rule.suppressPrefixLength === undefined
      ? []
      : ['suppress_prefixlength', String(rule.suppressPrefixLength)]),
    'protocol',
    String(ourProtocol),
  ];
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** An operation as a line of `ip -batch` of its family: `'route replace default via …'`. */
export function spell(operation: Operation): string {
  return words(operation).join(' ');
}

function words(operation: Operation): string[] {
  if ('route' in operation) return ['route', operation.action, ...spellRoute(operation.route)];
  if ('rule' in operation) return ['rule', operation.action, ...spellRule(operation.rule)];
  const { action, nexthop } = operation;
  return ['nexthop', action, ...(action === 'delete' ? ['id', String(nexthop.id)] : spellNexthop(nexthop))];
}

/** An operation as a command to run by hand, for messages: `'ip -4 route replace default via …'`. */
export function spellCommand(operation: Operation): string {
  // To the kernel a group has no family, and it refuses one that is given.
  return 'nexthop' in operation ? `ip ${spell(operation)}` : `ip -${familyOf(operation)} ${spell(operation)}`;
}

/** The family an operation is about. */
export function familyOf(operation: Operation): Family {
  if ('route' in operation) return operation.route.family;
  return 'rule' in operation ? operation.rule.family : operation.nexthop.family;
}

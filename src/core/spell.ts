import type { Family } from '../../models/path.ts';
import { mainTable, type Operation, ourProtocol, type Route, type Rule } from '../../models/route.ts';

/** A route as `ip route` takes it, after the verb: `['default', 'via', '10.10.1.254', 'dev', 'eth1', …]`. */
export function spellRoute(route: Route): string[] {
  return [
    ...(route.type === 'unicast' ? [] : [route.type]),
    route.dst,
    ...(route.gateway === undefined ? [] : ['via', route.gateway]),
    ...(route.dev === undefined ? [] : ['dev', route.dev]),
    ...(route.src === undefined ? [] : ['src', route.src]),
    ...(route.family === 4 && route.type === 'unicast' && route.gateway === undefined
      ? ['scope', 'link']
      : []),
    ...(route.onlink ? ['onlink'] : []),
    ...(route.table === mainTable ? [] : ['table', String(route.table)]),
    ...(route.metric === 0 ? [] : ['metric', String(route.metric)]),
    'proto',
    String(ourProtocol),
  ];
}

/** A rule as `ip rule` takes it, after the verb. */
export function spellRule(rule: Rule): string[] {
  return [
    'pref',
    String(rule.pref),
    ...(rule.from === undefined ? [] : ['from', rule.from]),
    ...(rule.to === undefined ? [] : ['to', rule.to]),
    ...(rule.oif === undefined ? [] : ['oif', rule.oif]),
    'lookup',
    rule.table === mainTable ? 'main' : String(rule.table),
    ...(rule.suppressPrefixLength === undefined
      ? []
      : ['suppress_prefixlength', String(rule.suppressPrefixLength)]),
    'protocol',
    String(ourProtocol),
  ];
}

/** An operation as a line of `ip -batch` of its family: `'route replace default via …'`. */
export function spell(operation: Operation): string {
  const words =
    'route' in operation
      ? ['route', operation.action, ...spellRoute(operation.route)]
      : ['rule', operation.action, ...spellRule(operation.rule)];
  return words.join(' ');
}

/** The same as a command for people and journals: `'ip -4 route replace default via …'`. */
export function spellCommand(operation: Operation): string {
  return `ip -${familyOf(operation)} ${spell(operation)}`;
}

/** The family an operation is about. */
export function familyOf(operation: Operation): Family {
  return 'route' in operation ? operation.route.family : operation.rule.family;
}

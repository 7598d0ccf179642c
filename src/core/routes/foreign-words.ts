/** Others' rules and routes, as sentences name them. */
import type { ForeignRule } from '../../../models/foreign-rule.ts';
import type { DefaultRoute } from '../../../models/link.ts';
import { familyName } from '../format.ts';

/** `IPv4 rule 32765 (not from all fwmark 0xca6c lookup 51820)`. */
export function describeRule({ family, pref, text }: ForeignRule): string {
  return `${familyName(family)} rule ${pref} (${text})`;
}

/** `IPv4 default via 192.0.2.1 dev eth9 table 101 (proto static)`. */
export function describeTableRoute(route: DefaultRoute): string {
  return `${familyName(route.family)} ${routeText(route)} (proto ${route.protocol})`;
}

/** `default via 192.0.2.1 dev eth9 table 101`. */
export function routeText({ gateway, interfaceName, table }: DefaultRoute): string {
  return ['default', ...(gateway ? [`via ${gateway}`] : []), `dev ${interfaceName} table ${table}`].join(' ');
}

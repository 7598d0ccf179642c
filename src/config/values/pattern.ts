import { isInternal } from '../../../models/link.ts';
import type { ParseResult } from './address.ts';
import { readInterfaceName } from './names.ts';

/** Marks are reserved for this many devices of each pattern. */
export const expectedDevices = 64;

/** Reads the name of an interface, a pattern of names such as `'wan*'`, or `'auto'`. */
export function readInterface(text: string): ParseResult<string> {
  if (!isPattern(text)) return readInterfaceName(text);
  if (text === 'auto') return { value: text };
  if (!/^[A-Za-z0-9._@*?-]{1,15}$/.test(text))
    return {
      rule: "must be a pattern of at most 15 letters, digits, '.', '_', '-', '*' and '?', such as 'wan*'",
    };
  if (/^[*?]+$/.test(text))
    return { rule: "must not match every interface; write 'auto' for those with a default route" };
  const plain = text.replaceAll(/[*?]/g, '');
  if (isInternal({ name: plain }))
    return {
      rule: 'must not be a pattern of interfaces to containers and virtual machines; name the one you mean',
    };
  return { value: text };
}

/** Whether interfaces are found at run time. */
export function isPattern(interfaceName: string | undefined): boolean {
  return interfaceName === 'auto' || /[*?]/.test(interfaceName ?? '');
}

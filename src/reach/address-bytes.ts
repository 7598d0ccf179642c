import { isIP } from 'node:net';
import { bytesOf } from '../../models/address.ts';

/**
 * The bytes of an IP address in network order, 4 or 16. A zone (`%eth1`) is left out. @throws if it is not an
 * address
 */
export function addressBytes(text: string): Uint8Array {
  if (isIP(text) === 0) throw new Error(`"${text}" is not an IP address`);
  return bytesOf(text);
}

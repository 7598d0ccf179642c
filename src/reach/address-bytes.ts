import { isIPv4, isIPv6 } from 'node:net';

/** The bytes of an IP address in network order, 4 or 16. A zone (`%eth1`) is left out. @throws when it is none */
export function addressBytes(text: string): Uint8Array {
  const [address = ''] = text.split('%', 1);
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number);
  if (!isIPv6(address)) throw new Error(`"${text}" is not an IP address`);
  const [head = '', tail] = withHexadecimalEnd(address).split('::', 2);
  const front = groups(head);
  const back = groups(tail ?? '');
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  front.forEach((group, i) => {
    view.setUint16(2 * i, group);
  });
  back.forEach((group, i) => {
    view.setUint16(16 - 2 * (back.length - i), group);
  });
  return bytes;
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** `::ffff:10.0.0.1` as `::ffff:a00:1`. */
function withHexadecimalEnd(address: string): string {
  const quad = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (quad === null) return address;
  const [a = 0, b = 0, c = 0, d = 0] = quad.slice(1).map(Number);
  return `${address.slice(0, quad.index)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

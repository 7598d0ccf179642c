/** Just enough address arithmetic for the core; operators' input is parsed and judged in `src/config`. */

/** The network an address of a given prefix length lies in, in CIDR form: `'10.10.1.0/24'`. */
export function networkOf(address: string, prefixLength: number): string {
  const bits = toBits(address);
  const width = address.includes(':') ? 128n : 32n;
  const host = (1n << (width - BigInt(prefixLength))) - 1n;
  return `${fromBits(bits & ~host, width)}/${prefixLength}`;
}

/** Whether a CIDR block holds an address; false across families. */
export function contains(cidr: string, address: string): boolean {
  const [base = '', length = '0'] = cidr.split('/');
  if (base.includes(':') !== address.includes(':')) return false;
  const width = base.includes(':') ? 128n : 32n;
  const shift = width - BigInt(length);
  return toBits(base) >> shift === toBits(address) >> shift;
}

function toBits(address: string): bigint {
  if (!address.includes(':')) {
    return address.split('.').reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
  }
  const [head = '', tail] = dotted(address.split('%')[0] ?? '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** `::ffff:1.2.3.4` with its last four bytes as two groups. */
function dotted(address: string): string {
  const tail = /\d+\.\d+\.\d+\.\d+$/.exec(address)?.[0];
  if (tail === undefined) return address;
  const bits = toBits(tail);
  return `${address.slice(0, -tail.length)}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
}

function fromBits(bits: bigint, width: bigint): string {
  if (width === 32n) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return compress(groups);
}

/** RFC 5952: the longest run of two or more zero groups becomes `::`, the first of equals. */
function compress(groups: readonly string[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

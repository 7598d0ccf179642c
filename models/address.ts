/** Arithmetic on literal addresses known to be valid; operators' input is parsed and validated in `src/config`. */

/** The bytes of an address in network order, 4 or 16. A zone (`%eth1`) is left out. */
export function bytesOf(text: string): Uint8Array {
  const [address = ''] = text.split('%', 1);
  if (!address.includes(':')) return fourBytes(address);
  const [head = '', tail] = withHexadecimalEnd(address).split('::', 2);
  const [front, back] = [groups(head), groups(tail ?? '')];
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

/** The address with those bytes, spelled as the kernel does. */
export function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return compress(Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i).toString(16)));
}

/** The network of an address with a given prefix length, in CIDR form: `'10.10.1.0/24'`. */
export function networkOf(address: string, prefixLength: number): string {
  const bytes = bytesOf(address).map((byte, i) => byte & maskOf(prefixLength, i));
  return `${addressOf(bytes)}/${prefixLength}`;
}

/** Whether a CIDR block contains an address; false across families. */
export function contains(cidr: string, address: string): boolean {
  const [base = '', length = '0'] = cidr.split('/');
  const one = bytesOf(base);
  const other = bytesOf(address);
  if (one.length !== other.length) return false;
  for (let i = 0, left = Number(length); left > 0; i += 1, left -= 8)
    if ((((one[i] ?? 0) ^ (other[i] ?? 0)) & maskOf(left, 0)) !== 0) return false;
  return true;
}

function fourBytes(address: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let at = 0;
  for (let i = 0; i < address.length; i += 1) {
    const code = address.charCodeAt(i);
    if (code === dot) at += 1;
    else bytes[at] = (bytes[at] ?? 0) * 10 + code - zero;
  }
  return bytes;
}

const dot = '.'.charCodeAt(0);
const zero = '0'.charCodeAt(0);

/** The bits of the byte at `index` that belong to a prefix. */
function maskOf(prefixLength: number, index: number): number {
  return (0xff00 >> Math.min(8, Math.max(0, prefixLength - 8 * index))) & 0xff;
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

/** RFC 5952: the longest run of two or more zero groups becomes `::`, the first of equals. */
function compress(texts: readonly string[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < texts.length; start += 1) {
    let length = 0;
    while (texts[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return texts.join(':');
  return `${texts.slice(0, best.start).join(':')}::${texts.slice(best.start + best.length).join(':')}`;
}

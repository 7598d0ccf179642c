/**
 * Whether an IPv6 address means something only together with a device: fe80::/10 (RFC 4291 2.5.6). A zone may
 * follow it.
 */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

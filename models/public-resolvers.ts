/** Well-known public nameservers of three operators in both families: queried, and pinged, by default. */
export const publicResolvers = [
  '1.1.1.1',
  '8.8.8.8',
  '9.9.9.9',
  '2606:4700:4700::1111',
  '2001:4860:4860::8888',
  '2620:fe::fe',
] as const;

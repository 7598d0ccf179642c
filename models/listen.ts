/** An address and port to listen at. */
export interface Listen {
  readonly host: string; // an IPv4 or IPv6 address, without brackets
  readonly port: number;
}

/** The parts of `'127.0.0.1:9469'` or `'[::1]:9469'`; undefined if it does not have this form. */
export function splitListen(text: string): Listen | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** Whether only this machine itself can reach it. */
export function isLoopback({ host }: Listen): boolean {
  return /^127\.|^::1$/.test(host);
}

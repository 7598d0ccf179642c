import type { Family } from '../../models/path.ts';
import { run } from './exec.ts';

/** Where the kernel would send a packet. */
export interface Egress {
  readonly dev: string | undefined; // undefined: nowhere
  readonly gateway: string | undefined;
}

/** Looks up where the kernel would send a packet with a mark (0: none). Sends nothing. @throws {Error} without `ip` */
export async function lookupRoute(family: Family, to: string, mark: number): Promise<Egress> {
  const { code, stdout } = await run('ip', [`-${family}`, '-j', 'route', 'get', to, 'mark', String(mark)]);
  if (code !== 0) return { dev: undefined, gateway: undefined }; // unreachable
  const [first]: unknown[] = JSON.parse(stdout);
  return { dev: text(first, 'dev'), gateway: text(first, 'gateway') };
}

function text(row: unknown, key: string): string | undefined {
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}

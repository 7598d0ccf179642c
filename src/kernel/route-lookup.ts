import type { Family } from '../../models/path.ts';
import { run } from './exec.ts';

/** Which way the kernel would send a packet. */
export interface Egress {
  readonly dev: string | undefined; // undefined: nowhere
  readonly gateway: string | undefined;
}

/** Asks the kernel which way a packet with a mark would go; 0 is no mark. Nothing is sent. @throws {Error} without `ip` */
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

import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { splitListen } from '../../../models/listen.ts';
import type { ParseResult } from './address.ts';

/** Reads an address and a port to listen at. */
export function readListen(text: string): ParseResult<string> {
  const parts = splitListen(text);
  if (parts !== undefined && isIP(parts.host) !== 0) return { value: text };
  return { rule: "must be an address and a port from 1 to 65535, such as '127.0.0.1:9469' or '[::1]:9469'" };
}

/** Reads the name of a file that does not depend on any folder. */
export function readAbsoluteFile(text: string): ParseResult<string> {
  if (
    isAbsolute(text) &&
    !text.includes('\0') &&
    !/(^|\/)\.{0,2}$/.test(text) &&
    Buffer.byteLength(text) <= 4000
  )
    return { value: text };
  return { rule: "must be the whole path of a file, such as '/run/node_exporter/failover.prom'" };
}

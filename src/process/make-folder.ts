import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a folder that others may read, and those above it. Node's own `recursive` loops forever where the kernel
 * does not allow folders (/proc; seen on Node 20 and 24). @throws {Error}
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    if (!existsSync(path)) throw error; // another process was faster
  }
}

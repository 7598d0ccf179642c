import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programFolder } from './program.ts';

/** The program's version, from package.json. */
export const version: string = readVersion();

/** Put in place by esbuild (compile.mjs): the digest of all sources. */
declare const failoverBuild: string | undefined;

/** Identifies what was compiled; undefined where the sources run. A checkout's sources change without a new version. */
export const build: string | undefined = typeof failoverBuild === 'string' ? failoverBuild : undefined;

function readVersion(): string {
  const text: unknown = JSON.parse(readFileSync(join(programFolder, 'package.json'), 'utf8'));
  const isRecord = typeof text === 'object' && text !== null && 'version' in text;
  return isRecord ? String(text.version) : 'unknown';
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programFolder } from './program.ts';

/** The program's version, from package.json. */
export const version: string = readVersion();

function readVersion(): string {
  const text: unknown = JSON.parse(readFileSync(join(programFolder, 'package.json'), 'utf8'));
  const isRecord = typeof text === 'object' && text !== null && 'version' in text;
  return isRecord ? String(text.version) : 'unknown';
}

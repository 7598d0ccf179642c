import { readFileSync } from 'node:fs';

/** The program's version, from package.json. */
export const version: string = readVersion();

function readVersion(): string {
  const text: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const isRecord = typeof text === 'object' && text !== null && 'version' in text;
  return isRecord ? String(text.version) : 'unknown';
}

/** The files that a guide shows, to be tried as they stand there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programFolder } from '../../src/process/program.ts';

/** The content of each file of a guide, by its path: a path in bold print, and the block of code after it. */
export function filesOf(guide: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(programFolder, guide), 'utf8');
  const files = text.matchAll(/^\*\*`(\/[^`]+)`\*\*\n\n```\w*\n(.*?)^```/gms);
  return new Map([...files].map(([, path = '', content = '']) => [path, content]));
}

/** The blocks of code of one section of a guide, in their order. */
export function blocksOf(guide: string, section: string): readonly string[] {
  const text = readFileSync(join(programFolder, guide), 'utf8');
  const body = text.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  return [...body.matchAll(/^```\w*\n(.*?)^```/gms)].map(([, content = '']) => content);
}

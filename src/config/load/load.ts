/** Loads whatever a configuration file contains. The one importer of cosmiconfig and of smol-toml. */
import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { defaultLoaders } from 'cosmiconfig';
import { parse as parseToml, TomlError } from 'smol-toml';
import { messageOf } from '../../../models/message-of.ts';
import { findConfig, nothingFound, programs } from './find.ts';
import { importConfig } from './module.ts';
import { obstacleTo, reasonOf } from './obstacle.ts';

/** The content of a configuration file, not yet validated, or why it cannot be loaded. */
export type Loaded =
  | { readonly ok: true; readonly file: string; readonly text: string; readonly input: unknown }
  | { readonly ok: false; readonly file: string | undefined; readonly message: string };

/** Where to look if no file is named, and how long a configuration that is a program may take. */
export interface LoadOptions {
  readonly folders?: readonly string[]; // @default those of `findConfig`
  readonly timeoutMs?: number; // @default 10000
}

/**
 * Loads the named configuration file, or the first one found. Never rejects. A relative path is to the
 * working folder.
 */
export async function loadConfig(file?: string, options: LoadOptions = {}): Promise<Loaded> {
  const found = file === undefined ? findConfig(options.folders) : resolve(file);
  if (found === undefined) return { ok: false, file: undefined, message: nothingFound };
  const refuse = (message: string): Loaded => ({ ok: false, file: found, message: `${found} ${message}` });
  const obstacle = obstacleTo(found);
  if (obstacle !== undefined) return refuse(obstacle);
  try {
    const text = readFileSync(found, 'utf8');
    if (text.trim() === '') return refuse('is empty; write `export default { providers: [ … ] }`');
    const load = loaders(options.timeoutMs ?? 10_000)[extname(found)];
    return { ok: true, file: found, text, input: await load?.(found, text) };
  } catch (error) {
    return refuse(reasonOf(error));
  }
}

type Loader = (file: string, text: string) => unknown;

/** By extension. Only these parts of cosmiconfig: its explorers run the working folder's `.config/config.js`. */
function loaders(timeoutMs: number): Readonly<Record<string, Loader>> {
  const asProgram: Loader = (file) => importConfig(file, timeoutMs);
  return {
    ...Object.fromEntries(programs.map((extension) => [extension, asProgram])),
    '.json': asDocument('JSON', defaultLoaders['.json']),
    '.yaml': asDocument('YAML', defaultLoaders['.yaml']),
    '.yml': asDocument('YAML', defaultLoaders['.yml']),
    '.toml': asDocument('TOML', (_file, text) => parseToml(text)),
  };
}

/** Reads text without its byte order mark; errors become one line, which does not repeat the file's name. */
function asDocument(language: string, read: Loader): Loader {
  return (file, text) => {
    try {
      return read(file, text.replace(/^\uFEFF/, ''));
    } catch (error) {
      throw new Error(`is not valid ${language}: ${oneLine(error)}`, { cause: error });
    }
  };
}

/** JSON and YAML errors begin with the file's name and draw the place; TOML's hold the place outside the message. */
function oneLine(error: unknown): string {
  // The drawing is coloured if CI or FORCE_COLOR is set.
  const message = stripVTControlCharacters(messageOf(error));
  const text = message.replace(/^\w+ Error in .*:\s*\n/, '').replace(/ while parsing '.*$/s, '');
  const words = text.split('\n').map((line) => line.trim());
  const isDrawing = /^(> )?\d+( \||: )|^\||^-*\^/;
  return [...words.filter((line) => line !== '' && !isDrawing.test(line)), ...placeOf(error, message)].join(
    ' ',
  );
}

/** Line and column, if the message itself does not end with them. */
function placeOf(error: unknown, message: string): readonly string[] {
  if (error instanceof TomlError) return [`(${error.line}:${error.column})`];
  const [, line, indent] = /^> (\d+) \|.*\n +\| ( *)\^/m.exec(message) ?? [];
  return line === undefined || indent === undefined ? [] : [`(${line}:${indent.length + 1})`];
}

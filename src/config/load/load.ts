/** Loads whatever a configuration file contains. The one importer of cosmiconfig and of smol-toml. */
import { existsSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { defaultLoaders } from 'cosmiconfig';
import { parse as parseToml, TomlError } from 'smol-toml';
import { messageOf } from '../../../models/message-of.ts';
import { distrust } from './distrust.ts';
import { findConfig, isProgram, nothingFound, programs } from './find.ts';
import { importConfig } from './module.ts';

/** The content of a configuration file, not yet validated, or why it cannot be loaded. */
export type Loaded =
  | { readonly ok: true; readonly file: string; readonly input: unknown }
  | { readonly ok: false; readonly file: string | undefined; readonly message: string };

/** Where to look if no file is named, and how long a configuration that is a program may take. */
export interface LoadOptions {
  readonly folders?: readonly string[]; // @default those of `findConfig`
  readonly timeoutMs?: number; // @default 10000
}

const maxBytes = 4 << 20;

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
    return { ok: true, file: found, input: await load?.(found, text) };
  } catch (error) {
    return refuse(reason(error));
  }
}

/** Whatever would make reading hang, fill the memory or fail with an obscure message. */
function obstacleTo(file: string): string | undefined {
  let stats: Stats | undefined;
  try {
    stats = statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    return reason(error);
  }
  if (stats === undefined) return 'does not exist; write it, or name another file';
  if (stats.isDirectory()) return 'is a folder; name the file in it';
  if (!stats.isFile()) return 'is no regular file; a configuration must be one';
  if (stats.size > maxBytes) return `is larger than ${maxBytes >> 20} MiB, which no configuration is`;
  const extension = extname(file);
  if (!isProgram(file) && !['.json', '.yaml', '.yml', '.toml'].includes(extension))
    return `must end in .ts, .js, .mjs, .json, .yaml, .yml or .toml, not in '${extension}'`;
  return hiddenBy(file, extension) ?? distrust(file);
}

/** tsx resolves `.js` as TypeScript does, preferring a `.ts` of the same name. */
function hiddenBy(file: string, extension: string): string | undefined {
  if (!/^\.[cm]?js$/.test(extension)) return undefined;
  const twin = `${file.slice(0, -2)}ts`;
  if (!existsSync(twin)) return undefined;
  return `is next to ${basename(twin)}, which would be read instead; remove or rename one`;
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

function reason(error: unknown): string {
  if (!(error instanceof Error)) return `cannot be loaded: ${String(error)}`;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read; check its owner and mode';
  if (code === 'ENOTDIR' || code === 'ELOOP') return `cannot be reached: ${error.message}`;
  const lines = error.message.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(0, 6)
    .join(' ');
}

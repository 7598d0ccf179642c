/** What is in the way of reading a configuration file. Loads no library: the daemon uses it too. */
import { existsSync, type Stats, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { distrust } from './distrust.ts';
import { isProgram } from './find.ts';

const maxBytes = 4 << 20;

/**
 * Whatever would make reading a configuration hang, fill the memory or fail with an obscure message, or lets others
 * decide what root runs; undefined when it may be read.
 */
export function obstacleTo(file: string): string | undefined {
  let stats: Stats | undefined;
  try {
    stats = statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    return reasonOf(error);
  }
  if (stats === undefined) return 'does not exist; write it, or name another file';
  if (stats.isDirectory()) return 'is a folder; name the file in it';
  if (!stats.isFile()) return 'is not a regular file; a configuration must be one';
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

/** Why a file cannot be loaded, in one line that does not name it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `cannot be loaded: ${String(error)}`;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM') return notPermitted(error);
  if (code === 'ENOTDIR' || code === 'ELOOP') return `cannot be reached: ${error.message}`;
  const lines = error.message.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(0, 6)
    .join(' ');
}

/** The daemon has a user of its own: a configuration that only root may read is a common mistake. */
function notPermitted(error: NodeJS.ErrnoException): string {
  const { syscall, path } = error;
  if (syscall === 'open' && path !== undefined)
    return `may not be read; it must be readable by everyone, since the service runs as a user of its own: chmod 644 ${path}`;
  return `cannot be reached: ${error.message}; every folder above it must be open to everyone (chmod 755)`;
}

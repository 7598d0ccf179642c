/** Which npm packages the program needs to run, according to its lock file. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** One entry of `packages` in package-lock.json. */
interface Entry {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * The folders (`node_modules/zod`, …) the program needs, of those that are in `source`: its dependencies and
 * theirs, without development and peer dependencies. Optional packages for other processors are not there,
 * and left out.
 * @throws {Error} when one it needs is missing
 */
export function neededPackages(source: string, lock: unknown): readonly string[] {
  const entries = readEntries(lock);
  const found = new Set<string>();
  const queue = [''];
  for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
    const fresh = dependenciesOf(entries, from, source).filter((folder) => !found.has(folder));
    for (const folder of fresh) found.add(folder);
    queue.push(...fresh);
  }
  // A package inside another's folder is copied with it.
  return [...found].filter((folder) => folder.lastIndexOf('node_modules/') === 0).sort();
}

/**
 * Sources that were compiled, and a program that is there twice: `@esbuild/…` holds the one that runs. Half of what npm
 * installs.
 */
const forDevelopment = ['bintrees/test', 'esbuild/bin', 'koffi/doc', 'koffi/lib', 'koffi/vendor', 'zod/src'];

/** Whether a file or folder of npm's is only of use to those who develop. `path`: `node_modules/zod/src`, … */
export function isForDevelopment(path: string): boolean {
  if (!path.startsWith('node_modules/')) return false;
  return forDevelopment.includes(path.slice('node_modules/'.length)) || /\.(d\.[cm]?ts|map|md)$/.test(path);
}

function dependenciesOf(
  entries: Readonly<Record<string, Entry>>,
  from: string,
  source: string,
): readonly string[] {
  const { dependencies = {}, optionalDependencies = {} } = entries[from] ?? {};
  const names = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies)]);
  return [...names].flatMap((name) => {
    const folder = resolve(entries, from, name);
    if (folder !== undefined && existsSync(join(source, folder))) return folder;
    if (name in optionalDependencies) return [];
    throw new Error(
      `the npm package ${name} is not in ${source}/node_modules; run: cd ${source} && npm ci --omit=dev`,
    );
  });
}

/** Node's own search: in the folder itself, then further and further up. */
function resolve(entries: Readonly<Record<string, Entry>>, from: string, name: string): string | undefined {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    const folder = place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`;
    if (folder in entries) return folder;
    if (place === '') return undefined;
  }
}

function readEntries(lock: unknown): Readonly<Record<string, Entry>> {
  if (typeof lock !== 'object' || lock === null || !('packages' in lock))
    throw new Error('package-lock.json has no list of packages; take the one that came with the program');
  return lock.packages as Record<string, Entry>; // npm's own format, version 3
}

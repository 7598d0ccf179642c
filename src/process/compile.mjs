// @ts-check
/**
 * Makes JavaScript of the sources, once: `node_modules/.failover`, one file for each entry point, and what they share.
 * Plain JavaScript, because it runs before anything is compiled.
 */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** The files that processes of ours begin with: `nodeCommand` starts them. */
const entryPoints = [
  'src/cli.ts',
  'src/config/load/load-child.ts',
  'src/lab/echo-server.ts',
  'src/lab/flow-sender.ts',
  'src/lab/relay.ts',
  'src/probes/own/own-worker.ts',
];

/**
 * What was compiled, and what came of it.
 * @typedef {object} Stamp
 * @property {Record<string, [size: number, mtimeMs: number]>} sources by path from the program's folder
 * @property {string} digest of their contents, for files that were only copied or touched
 * @property {readonly string[]} outputs names in the folder of what was compiled
 */

/**
 * The folder of what was compiled.
 * @param {string} program the program's folder
 */
export function compiledFolder(program) {
  return join(program, 'node_modules', '.failover');
}

/**
 * Compiles the sources unless that was done.
 * @param {string} program the program's folder
 * @throws {Error} as `compile` does
 */
export async function compileIfChanged(program) {
  if (!(await isCompiled(program))) await compile(program);
}

/**
 * Whether what was compiled is of the sources that are there now. A stat for each of them, 3 ms together.
 * @param {string} program the program's folder
 * @returns {Promise<boolean>}
 */
export async function isCompiled(program) {
  const stamp = readStamp(program);
  if (stamp === undefined) return false;
  if (Object.entries(stamp.sources).every(([file, known]) => isUnchanged(join(program, file), known)))
    return true;
  const present = await survey(program);
  if (present.digest !== stamp.digest) return false;
  try {
    writeStamp(program, { ...present, outputs: stamp.outputs });
  } catch {
    // A plain user in root's folder: then the contents are compared each time.
  }
  return true;
}

/**
 * Compiles the sources. Others may run what was compiled before, or compile at the same time: names of shared files tell
 * their content, entry points are exchanged when those are there, and files of the build before stay for one more.
 * @param {string} program the program's folder
 * @throws {Error} when it cannot be written, or the sources are faulty
 */
export async function compile(program) {
  const { build } = await esbuild();
  const folder = compiledFolder(program);
  const earlier = readStamp(program)?.outputs ?? [];
  makeFolder(folder, folder);
  const present = await survey(program); // before they are read: a change meanwhile is noticed next time
  const { outputFiles } = await build({
    absWorkingDir: program,
    tsconfig: join(program, 'tsconfig.json'), // no other, wherever this is run
    entryPoints,
    outbase: program,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: ['esbuild', 'koffi', 'tsx', 'typescript'], // native, or loaded by few and from their own folders
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'silent', // what is wrong is thrown
    banner: { js: requireForCommonJs },
    write: false,
  });
  const isEntry = (/** @type {string} */ path) => path.startsWith(join(folder, 'src'));
  outputFiles.sort((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
  for (const { path, contents } of outputFiles) put(path, contents, folder);
  const outputs = outputFiles.map(({ path }) => path.slice(folder.length + 1));
  writeStamp(program, { ...present, outputs });
  const kept = new Set([...outputs, ...earlier, 'stamp.json']);
  const isStale = (/** @type {string} */ name) => !kept.has(name) && !/\.\d+$/.test(name); // of another that compiles
  for (const name of filesBelow(folder, '').filter(isStale)) rmSync(join(folder, name), { force: true });
}

/** Packages in CommonJS call `require` for Node's own modules, which esbuild leaves to whoever runs it. */
const requireForCommonJs =
  "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);";

/** What compiles: loaded when there is something to compile, and by this file alone. */
export function esbuild() {
  return import('esbuild');
}

/**
 * The sources as they are now.
 * @param {string} program
 * @returns {Promise<Omit<Stamp, 'outputs'>>}
 */
async function survey(program) {
  const { createHash } = await import('node:crypto'); // 3 ms, seldom needed
  const hash = createHash('sha256');
  const files = ['models', 'src'].flatMap((folder) => filesBelow(program, folder));
  const names = ['package.json', 'package-lock.json', ...files.filter((file) => /\.m?ts$|\.mjs$/.test(file))];
  /** @type {Stamp['sources']} */
  const sources = {};
  for (const name of names.sort()) {
    const { size, mtimeMs } = statSync(join(program, name));
    sources[name] = [size, mtimeMs];
    hash.update(`${name} ${size}\n`).update(readFileSync(join(program, name)));
  }
  return { sources, digest: hash.digest('hex') };
}

/**
 * @param {string} file
 * @param {readonly [size: number, mtimeMs: number]} known
 */
function isUnchanged(file, [size, mtimeMs]) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && stats.size === size && stats.mtimeMs === mtimeMs;
}

/**
 * @param {string} program
 * @returns {Stamp | undefined}
 */
function readStamp(program) {
  try {
    return JSON.parse(readFileSync(join(compiledFolder(program), 'stamp.json'), 'utf8'));
  } catch {
    return undefined; // never compiled, or cut short: it is compiled then
  }
}

/**
 * @param {string} program
 * @param {Stamp} stamp
 */
function writeStamp(program, stamp) {
  const folder = compiledFolder(program);
  put(join(folder, 'stamp.json'), JSON.stringify(stamp), folder);
}

/**
 * Writes a file whole at once, readable by all whatever the umask, and the checkout's owner's also when root compiles.
 * @param {string} path
 * @param {string | Uint8Array} content
 * @param {string} folder of what was compiled
 */
function put(path, content, folder) {
  const fresh = `${path}.${process.pid}`;
  makeFolder(dirname(path), folder);
  writeFileSync(fresh, content);
  chmodSync(fresh, 0o644);
  giveToOwner(fresh, folder);
  renameSync(fresh, path);
}

/**
 * @param {string} path
 * @param {string} folder of what was compiled
 */
function makeFolder(path, folder) {
  if (mkdirSync(path, { recursive: true }) === undefined) return; // it was there
  chmodSync(path, 0o755);
  giveToOwner(path, folder);
}

/**
 * @param {string} path
 * @param {string} folder of what was compiled
 */
function giveToOwner(path, folder) {
  const { uid, gid } = statSync(dirname(folder));
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}

/**
 * Paths of all files below a folder, relative to `base`.
 * @param {string} base
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(base, folder) {
  return readdirSync(join(base, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(base, path) : [path];
  });
}

// @ts-check
/**
 * Compiles the sources to JavaScript, once: `node_modules/.failover`, one file for each entry point, and shared chunks.
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

/** The entry points of our processes: `nodeCommand` starts them. */
const entryPoints = [
  'src/cli.ts',
  'src/config/load/load-child.ts',
  'src/lab/echo-server.ts',
  'src/lab/flow-sender.ts',
  'src/lab/relay.ts',
  'src/probes/own/own-worker.ts',
];

/**
 * What was compiled, and into which files.
 * @typedef {object} Stamp
 * @property {Record<string, [size: number, mtimeMs: number]>} sources by path from the program's folder
 * @property {string} digest of their contents, for sources that were only copied or touched
 * @property {readonly string[]} outputs names of the compiled files, in their folder
 */

/**
 * The folder of the compiled files.
 * @param {string} program the program's folder
 */
export function compiledFolder(program) {
  return join(program, 'node_modules', '.failover');
}

/**
 * Compiles the sources unless that has been done.
 * @param {string} program the program's folder
 * @throws {Error} as `compile` does
 */
export async function compileIfChanged(program) {
  if (!(await isCompiled(program))) await compile(program);
}

/**
 * Whether the compiled files match the present sources. Costs a stat for each, 3 ms in all.
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
    // An unprivileged user in root's folder: the contents are compared each time.
  }
  return true;
}

/**
 * Compiles the sources. Other processes may be running the previous build, or compiling too: shared files are named by
 * content, entry points are replaced after them, and the previous build's files stay until the next build.
 * @param {string} program the program's folder
 * @throws {Error} when it cannot be written, or the sources are faulty
 */
export async function compile(program) {
  const { build } = await esbuild();
  const folder = compiledFolder(program);
  const earlier = readStamp(program)?.outputs ?? [];
  makeFolder(folder, folder);
  const present = await survey(program); // before they are read: a change in between is noticed next time
  const { outputFiles } = await build({
    absWorkingDir: program,
    tsconfig: join(program, 'tsconfig.json'), // this one, wherever this is run
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
    external: ['esbuild', 'koffi', 'tsx', 'typescript'], // native, or rarely loaded and from their own folders
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'silent', // errors are thrown
    banner: { js: requireForCommonJs },
    define: { failoverBuild: JSON.stringify(present.digest) }, // version.ts
    write: false,
  });
  const isEntry = (/** @type {string} */ path) => path.startsWith(join(folder, 'src'));
  outputFiles.sort((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
  for (const { path, contents } of outputFiles) put(path, contents, folder);
  const outputs = outputFiles.map(({ path }) => path.slice(folder.length + 1));
  writeStamp(program, { ...present, outputs });
  const kept = new Set([...outputs, ...earlier, 'stamp.json']);
  const isStale = (/** @type {string} */ name) => !kept.has(name) && !/\.\d+$/.test(name); // another's temporary file
  for (const name of filesBelow(folder, '').filter(isStale)) rmSync(join(folder, name), { force: true });
}

/** CommonJS packages call `require` for Node's own modules; esbuild's output leaves providing it to us. */
const requireForCommonJs =
  "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);";

/** The compiler: loaded only when there is something to compile, and only by this file. */
export function esbuild() {
  return import('esbuild');
}

/**
 * The present sources.
 * @param {string} program
 * @returns {Promise<Omit<Stamp, 'outputs'>>}
 */
async function survey(program) {
  const { createHash } = await import('node:crypto'); // takes 3 ms and is rarely needed
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
    return undefined; // never compiled, or interrupted: compile now
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
 * Writes a file atomically, readable by all whatever the umask, and owned by the checkout's owner even when
 * root compiles.
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
  if (mkdirSync(path, { recursive: true }) === undefined) return; // it existed
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

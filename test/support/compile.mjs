// node compile.mjs OUT FILE…: test files and what they import, as JavaScript under OUT: tsx would cost each
// of their processes half a second. Their import.meta points to their sources, next to fixtures and programs.
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';

/** It imports configurations, which are TypeScript: tests that reach it run uncompiled, under tsx. */
const loader = 'src/config/load/module.ts';
if (!existsSync(loader)) throw new Error(`${loader} no longer exists: which module loads configurations?`);

const [out, ...files] = process.argv.slice(2);

const ownMeta = {
  name: 'own-meta',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/, namespace: 'file' }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes('import.meta.')) return { contents: source, loader: 'ts' };
      const define = {
        'import.meta.url': JSON.stringify(pathToFileURL(path).href),
        'import.meta.dirname': JSON.stringify(dirname(path)),
        'import.meta.filename': JSON.stringify(path),
      };
      const options = { loader: 'ts', sourcefile: path, sourcemap: 'inline', target: 'esnext', define };
      return { contents: (await transform(source, options)).code, loader: 'js' };
    });
  },
};

const { metafile } = await build({
  entryPoints: files,
  outdir: out,
  outbase: '.',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: true,
  metafile: true,
  plugins: [ownMeta],
  logLevel: 'warning',
});

for (const [file, { entryPoint }] of Object.entries(metafile.outputs))
  if (entryPoint?.startsWith('test/') && reaches(entryPoint)) await rm(file);

function reaches(file, seen = new Set()) {
  if (file === loader) return true;
  if (seen.has(file)) return false;
  seen.add(file);
  return metafile.inputs[file].imports.some(({ path, external }) => !external && reaches(path, seen));
}

/** Makes one JavaScript module of a configuration that is a program. */
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OwnCode } from '../../../models/isolated-scenario.ts';
import { esbuild } from '../../process/compile.mjs';
import { programFolder } from '../../process/program.ts';

type Build = Awaited<ReturnType<typeof esbuild>>['build'];
type Plugin = NonNullable<Parameters<Build>[0]['plugins']>[number];

/**
 * Bundles a configuration with the files it imports. Packages are left out and imported from where they are; a source
 * map points to the operator's own files. Any tsconfig.json is ignored. @throws {Error}
 */
export async function bundle(file: string): Promise<OwnCode> {
  const { build } = await esbuild();
  const { outputFiles } = await build({
    stdin: { contents: entry(file), resolveDir: dirname(file), sourcefile: 'entry.js' },
    bundle: true,
    write: false,
    outfile: `${file}.bundle.js`,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    keepNames: true, // a scenario may be named after its class
    minifyWhitespace: true,
    sourcemap: 'external',
    sourcesContent: false,
    tsconfigRaw: {},
    logLevel: 'silent',
    banner: { js: requireBanner(file) },
    plugins: [outsidePackages, ownPlaces],
  });
  const find = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { file, text: find('.js'), map: placed(find('.map'), dirname(file)) };
}

/** The module to bundle: its export is what the configuration's own module is understood to export. */
function entry(file: string): string {
  const choose = join(programFolder, 'src/config/load/chosen-export.ts');
  return `import * as exported from ${JSON.stringify(file)};
import { chooseExport } from ${JSON.stringify(choose)};
const { value } = await chooseExport(exported);
export { value as default };`;
}

/** CommonJS packages are loaded by `require`, which an ES module does not have. */
function requireBanner(file: string): string {
  const url = JSON.stringify(pathToFileURL(file).href);
  return `import{createRequire as __failoverRequire}from'node:module';var require=__failoverRequire(${url});`;
}

/** Replaces package names by their locations, for a module without a location of its own. */
const outsidePackages: Plugin = {
  name: 'outside-packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === 'resolving') return undefined;
      if (path.startsWith('node:') || builtinModules.includes(path)) return { path, external: true };
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: 'resolving' });
      if (found.errors.length > 0 || found.external) return found;
      return {
        path: kind === 'require-call' ? found.path : pathToFileURL(found.path).href,
        external: true,
      };
    });
  },
};

/** Keeps each file's own `import.meta.url`, `__dirname` and the like. */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!/\bimport\s*\.\s*meta\b|\b__(?:dirname|filename)\b/.test(text)) return undefined;
      const loader = extname(path).endsWith('ts') ? 'ts' : 'js';
      const { code } = await build.esbuild.transform(text, {
        loader,
        sourcefile: path,
        sourcemap: 'inline',
        sourcesContent: false,
        keepNames: true,
        tsconfigRaw: {},
        define: {
          'import.meta.url': JSON.stringify(pathToFileURL(path).href),
          'import.meta.filename': JSON.stringify(path),
          'import.meta.dirname': JSON.stringify(dirname(path)),
          __filename: JSON.stringify(path),
          __dirname: JSON.stringify(dirname(path)),
        },
      });
      return { contents: code, loader: 'js' };
    });
  },
};

/** A source map with absolute source paths: the module itself has no location. */
function placed(text: string, folder: string): string {
  const map: { sources: string[] } = JSON.parse(text);
  return JSON.stringify({ ...map, sources: map.sources.map((source) => resolve(folder, source)) });
}

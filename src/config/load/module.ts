import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as models from '../../../models/config.ts';
import { isCompiled, programFolder } from '../../process/program.ts';
import { nearest } from '../nearest.ts';
import { settingNames } from '../schema/schema.ts';
import { chooseExport, isEmpty } from './chosen-export.ts';

const require = createRequire(import.meta.url);
const modelsFile = join(programFolder, 'models', 'config.ts');

let loads = 0;

/**
 * Imports a configuration that is a program, always from its present text, and returns its default export, otherwise
 * its named exports as an object. cosmiconfig's own `.ts` loader breaks with TypeScript 7, and its `.js` loader caches.
 * @throws {Error} what the file threw, or why it could not be imported, in the operator's terms
 */
export async function importConfig(file: string, timeoutMs: number): Promise<unknown> {
  // tsx turns files outside a "type": "module" package into CommonJS, whose cache ignores queries.
  for (const key of Object.keys(require.cache)) if (key.split('?')[0] === file) delete require.cache[key];
  const { href } = pathToFileURL(file);
  await readTypeScript();
  const loading = import(`${href}?load=${++loads}`)
    .catch((error: unknown) => {
      throw explainImport(error, file);
    })
    .then((exported: object) => choose(exported));
  return withDeadline(loading, timeoutMs);
}

/** Makes Node read TypeScript from here on, with the program's own tsconfig.json, not the working folder's. */
async function readTypeScript(): Promise<void> {
  if (!isCompiled) return; // tsx is there already
  process.env['TSX_TSCONFIG_PATH'] = join(programFolder, 'tsconfig.json');
  if (process.getuid?.() === 0) process.env['TSX_DISABLE_CACHE'] = '1'; // it is in /tmp, where others may write to it
  await import(import.meta.resolve('tsx'));
}

function withDeadline<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new Error(
      `did not finish loading within ${timeoutMs / 1000} s; it must not wait for anything at its top level`,
    );
    const timer = setTimeout(() => reject(late), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * What a module exports as its configuration. @throws {Error} if there is none, or settings are exported
 * apart from it
 */
async function choose(exported: object): Promise<unknown> {
  const { value, others } = await chooseExport(exported);
  if (value === undefined) throw new Error('exports nothing; write `export default { providers: [ … ] }`');
  if (isEmpty(value)) throw new Error('exports no settings; write `export default { providers: [ … ] }`');
  const settings = Object.keys(others).filter(
    (key) => nearest(key, settingNames) !== undefined || /^(providers|test_cases)$/i.test(key),
  );
  if (settings.length === 0) return value;
  throw new Error(
    `exports ${settings.join(', ')} in addition to its default export; move them into \`export default { … }\``,
  );
}

function explainImport(error: unknown, file: string): Error {
  if (!(error instanceof Error)) return new Error(`threw ${String(error)}`, { cause: error });
  const code = 'code' in error ? error.code : undefined;
  const line = error.message.split('\n').find((text) => text.trim() !== '') ?? error.name;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    const advice = `import { defineConfig, ping } from '${modelsFile}', or export a plain object, which needs no import`;
    return new Error(`imports what is not there (${line}); ${advice}`, { cause: error });
  }
  if (code === 'ERR_REQUIRE_ASYNC_MODULE') return new Error(topLevelAwait(file), { cause: error });
  return new Error(
    error.name === 'TransformError'
      ? syntaxError(error.message, file)
      : `threw ${error.name}: ${line}${importHint(error)}`,
    { cause: error },
  );
}

/** What to add to the import when a name that we export is used without. */
function importHint({ name, message }: Error): string {
  const word = /^(\w+) is not defined/.exec(message)?.[1];
  if (name !== 'ReferenceError' || word === undefined || !(word in models)) return '';
  return `; add it to the import: import { ${word} } from '${modelsFile}'`;
}

function topLevelAwait(file: string): string {
  return `waits at its top level (await), which works only in a folder whose package.json says "type": "module", such as ${programFolder} (${dirname(file)} is none)`;
}

/** esbuild prints "Transform failed", then a line with place and reason for each error. */
function syntaxError(message: string, file: string): string {
  if (/^.*Top-level await .*"cjs" output format/m.test(message)) return topLevelAwait(file);
  const places = message
    .split('\n')
    .slice(1)
    .filter((text) => text.trim() !== '');
  return `is not a valid program: ${places.join('; ') || message}`;
}

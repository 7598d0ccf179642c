/** Stack traces with source lines, though compiled files run. Node's own support reads every map at start: 5 MB. */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const maps = new Map<string, SourceMap | undefined>();

/** From here on stacks name the sources. A map is read only when a stack that needs it is. */
export function nameSources(): void {
  Error.prepareStackTrace = (error, sites) =>
    [String(error), ...sites.map((site) => `    at ${located(site)}`)].join('\n');
}

function located(site: NodeJS.CallSite): string {
  const text = String(site);
  const [url, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()];
  if (url == null || line === null || column === null || !url.endsWith('.mjs')) return text;
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  const origin = mapOf(file)?.findEntry(line - 1, column - 1);
  if (origin === undefined || !('originalSource' in origin)) return text;
  const source = `${resolve(dirname(file), origin.originalSource)}:${origin.originalLine + 1}:${origin.originalColumn + 1}`;
  return text.replace(`${url}:${line}:${column}`, source);
}

function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(`${file}.map`));
  return maps.get(file);
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // not one of our files: its own lines are all there is to name
  }
}

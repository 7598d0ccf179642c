import { SourceMap } from 'node:module';
import type { OwnCode } from '../../../models/isolated-scenario.ts';

/** V8's description of one call in a stack (https://v8.dev/docs/stack-trace-api). */
interface Frame {
  getFileName(): string | null | undefined;
  getFunctionName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
}

/** Makes stacks of this thread's errors show lines of the operator's files, not of the bundle made from them. */
export function nameSourceLines(code: OwnCode): void {
  let map: SourceMap | undefined; // parsed at the first error
  Error.prepareStackTrace = (error, frames) => {
    map ??= new SourceMap(JSON.parse(code.map));
    const known = map;
    return [String(error), ...frames.map((frame) => `    at ${spell(frame, known, code.file)}`)].join('\n');
  };
}

function spell(frame: Frame, map: SourceMap, file: string): string {
  const name = frame.getFileName() ?? '<anonymous>';
  const [line, column] = [frame.getLineNumber() ?? 1, frame.getColumnNumber() ?? 1];
  const caller = frame.getFunctionName() ?? '<anonymous>';
  if (!name.startsWith('data:')) return `${caller} (${name}:${line}:${column})`;
  const origin = map.findOrigin(line, column);
  return `${caller} (${'fileName' in origin ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}` : file})`;
}

/** An error in one line, with the first of the operator's lines in its stack. */
export function oneLineOf(error: unknown, { file }: OwnCode): string {
  if (!(error instanceof Error)) return String(error);
  const message = `${error.name}: ${error.message.split('\n')[0]}`;
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  const line = (error.stack ?? '').split('\n').find((text) => text.includes(`(${folder}`));
  const place = /\((\/.*)\)$/.exec(line ?? '')?.[1];
  return place === undefined ? message : `${message} (${place})`;
}

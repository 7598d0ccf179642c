import type { Writable } from 'node:stream';

const backlogLimitBytes = 1 << 20;

/**
 * A `write` for journals over a stream that may be slow, full or closed. It never waits, throws or buffers
 * more than 1 MiB: what does not fit is dropped, and a line says how many lines were. Pipes do not block in
 * Node on Linux; a terminal stopped by Ctrl-S does, and so does a file on a disk that hangs.
 */
export function lineWriter(stream: Writable): (line: string) => void {
  let leftOut = 0;
  stream.on('error', () => undefined); // EPIPE: the reader is gone, which `write` notices by `writable`
  return (line) => {
    if (!stream.writable) return;
    if (stream.writableLength > backlogLimitBytes) {
      leftOut += 1;
      return;
    }
    const gap = leftOut === 0 ? '' : `(${leftOut} lines left out here: the reader was too slow)\n`;
    leftOut = 0;
    stream.write(`${gap}${line}\n`);
  };
}

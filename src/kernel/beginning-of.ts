import type { Readable } from 'node:stream';

const mostOutputBytes = 64 << 10;

/** Keeps the beginning of an output, and reads the rest so that the program is not held up. */
export function beginningOf(output: Readable): () => string {
  const pieces: Buffer[] = [];
  let bytes = 0;
  output.on('data', (piece: Buffer) => {
    if (bytes < mostOutputBytes) pieces.push(piece.subarray(0, mostOutputBytes - bytes));
    bytes += piece.length;
  });
  return () => Buffer.concat(pieces).toString('utf8');
}

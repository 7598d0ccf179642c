/**
 * Reads the configuration named by its first argument, within the milliseconds of its second, and answers with plain
 * data through descriptor 3. A process of its own: whatever the configuration does or breaks ends with it, and its
 * parent need not load what reads configurations.
 */
import { writeSync } from 'node:fs';
import { stringify } from '../packed-config.ts';
import { packReading, type Reading } from '../reading.ts';
import { readHere } from './read-here.ts';

const [file = '', timeoutMs = ''] = process.argv.slice(2);

function answer(reading: Reading): never {
  const bytes = Buffer.from(stringify(packReading(reading)));
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(3, bytes, sent);
  process.exit(0); // even if the configuration left something open
}

process.on('uncaughtException', (error) =>
  answer({
    file,
    problem: `${file} threw ${error instanceof Error ? `${error.name}: ${error.message}` : error}`,
  }),
);
answer(await readHere(file, Number(timeoutMs)));

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CounterFile, type Counters, eachOf } from '../../../src/watch/traffic/counters.ts';

const folder = mkdtempSync(join(tmpdir(), 'counters-'));
after(() => rmSync(folder, { recursive: true }));

const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1840      20    0    0    0     0          0         0     1840      20    0    0    0     0       0          0
  eth1: 5000000000 7000001   0    0    0     0          0         3 64 1    0    0    0     0       0          0
xeth1: 11 12 0 0 0 0 0 0 13 14 0 0 0 0 0 0
eth1.20: 21 22 0 0 0 0 0 0 23 24 0 0 0 0 0 0
`;

function countersOf(text: string, device: string): Counters | undefined {
  let found: Counters | undefined;
  eachOf(text, new Set([device]), (_, counters) => {
    found = counters;
  });
  return found;
}

test('eachOf() finds a device, not one whose name ends or begins with it', () => {
  assert.deepEqual(countersOf(text, 'eth1'), {
    rxBytes: 5_000_000_000,
    rxPackets: 7_000_001,
    txBytes: 64,
    txPackets: 1,
  });
  assert.equal(countersOf(text, 'xeth1')?.txPackets, 14);
  assert.equal(countersOf(text, 'eth1.20')?.rxPackets, 22);
  assert.equal(countersOf(text, 'th1'), undefined);
  assert.equal(countersOf(text, 'eth'), undefined);
  assert.equal(countersOf('  eth1: 1 2 3\n', 'eth1'), undefined, 'a shape that is not known');
});

test('read() gives the present text of a file of any length, as often as it is asked', () => {
  const file = join(folder, 'dev');
  const counters = new CounterFile(file);
  assert.throws(() => counters.read(), /ENOENT/);
  writeFileSync(file, text);
  assert.equal(counters.read(), text);
  writeFileSync(file, text.repeat(40));
  assert.equal(counters.read(), text.repeat(40));
  counters.close();
  assert.equal(counters.read(), text.repeat(40), 'it is opened again');
  counters.close();
});

test('read() and eachOf() agree with this machine', () => {
  const counters = new CounterFile();
  const lo = countersOf(counters.read(), 'lo');
  counters.close();
  assert.ok(lo !== undefined && lo.rxBytes === lo.txBytes);
  assert.ok(readFileSync('/proc/net/dev', 'utf8').includes('lo:'));
});

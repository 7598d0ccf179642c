import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lab } from '../../src/lab/lab.ts';
import { commandUsages, execute, isLabCommand } from '../../src/lab/lab-commands.ts';

/** What of a lab the commands use, and what they had it do. */
function fakeLab() {
  const done: unknown[][] = [];
  const isps = [{ name: 'fibre' }, { name: 'lte' }];
  const verbs = ['cut', 'heal', 'loss', 'delay', 'carrier', 'flap'] as const;
  const faults = verbs.map((verb) => [
    verb,
    (...args: unknown[]) => {
      done.push([verb, ...args]);
      return Promise.resolve(0);
    },
  ]);
  const isp = (name: string): { name: string } => {
    const found = isps.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no ISP "${name}"`);
    return found;
  };
  const lab: Partial<Lab> = { ...Object.fromEntries(faults), isps, isp };
  return { done, lab: lab as Lab }; // the commands use no more of it
}

const cases: readonly (readonly [string, unknown[], RegExp])[] = [
  ['cut fibre', ['cut', 'fibre'], /^fibre is cut: .*lab heal fibre$/],
  ['heal fibre', ['heal', 'fibre'], /^fibre works again$/],
  ['loss lte', ['loss', 'lte', 1], /^lte loses 100 % of round trips$/],
  ['loss lte 20%', ['loss', 'lte', 0.2], /loses 20 %/],
  ['loss lte 0.5', ['loss', 'lte', 0.5], /loses 50 %/],
  ['delay lte', ['delay', 'lte', 200], /^lte adds 200 ms to each round trip$/],
  ['delay lte 50ms', ['delay', 'lte', 50], /adds 50 ms/],
  ['flap fibre', ['flap', 'fibre', { downMs: 1000, upMs: 1000, count: 30 }], /every 1 s, 30 times/],
  ['flap fibre 0.5s', ['flap', 'fibre', { downMs: 500, upMs: 500, count: 30 }], /every 0.5 s/],
  ['carrier fibre off', ['carrier', 'fibre', false], /^fibre's carrier is off$/],
  ['carrier fibre on', ['carrier', 'fibre', true], /^fibre's carrier is on$/],
];
for (const [words, expected, answer] of cases) {
  test(`execute() does "${words}", and says what it did`, async () => {
    const { lab, done } = fakeLab();
    const [action = '', ...args] = words.split(' ');
    assert.match(await execute(lab, action, args), answer);
    assert.deepEqual(done, [expected]);
  });
}

const refused: readonly (readonly [string, RegExp])[] = [
  ['explode fibre', /has no command "explode"; it has cut ISP, heal ISP, /],
  ['constructor fibre', /has no command "constructor"/],
  ['cut', /usage: failover lab cut ISP; ISP is one of fibre, lte/],
  ['cut fibre twice', /usage: failover lab cut ISP/],
  ['loss fibre 1 2', /usage: failover lab loss ISP RATIO/],
  ['cut dsl', /no ISP "dsl"/],
  ['loss fibre much', /"much" is not a valid number/],
  ['loss fibre -1', /"-1" is not a valid number/],
  ['loss fibre %', /"%" is not a valid number/],
  ['delay fibre 5s', /"5s" is not a valid number/],
  ['flap fibre 0.01', /no faster than every 0.02 s/],
  ['carrier fibre', /^Error: usage: failover lab carrier fibre on\|off$/],
  ['loss fibre 400', /a loss is at most 1, or 100%, not "400"/],
  ['carrier fibre maybe', /on or off, not "maybe"/],
];
for (const [words, complaint] of refused) {
  test(`execute() refuses "${words}", and does nothing`, async () => {
    const { lab, done } = fakeLab();
    const [action = '', ...args] = words.split(' ');
    await assert.rejects(execute(lab, action, args), complaint);
    assert.deepEqual(done, []);
  });
}

test('isLabCommand() knows the first word of every usage, and no other', () => {
  for (const usage of commandUsages) assert.ok(isLabCommand(usage.split(' ')[0] ?? ''), usage);
  for (const word of ['', 'toString', 'status', 'CUT']) assert.equal(isLabCommand(word), false, word);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandShapes } from '../../src/cli/commands.ts';
import { plainArguments } from '../../src/cli/plain-arguments.ts';

function given(...line: readonly string[]): unknown {
  const [name, ...words] = line;
  const shape = commandShapes().find((known) => known.name === name);
  assert.ok(shape, name);
  const found = plainArguments(shape, words);
  return found === undefined ? undefined : { operands: found.operands, options: { ...found.options } };
}

test('plainArguments() reads operands and options as commander names them', () => {
  assert.deepEqual(given('run', '--config', 'a.json', '--verbose'), {
    operands: [],
    options: { config: 'a.json', verbose: true },
  });
  assert.deepEqual(given('check', '--json', 'a.json'), { operands: ['a.json'], options: { json: true } });
  assert.deepEqual(given('lab', 'loss', 'lte', '20%'), { operands: ['loss', 'lte', '20%'], options: {} });
  assert.deepEqual(given('install', '--dry-run', '--no-start', '--prefix=/x'), {
    operands: [],
    options: { dryRun: true, start: false, prefix: '/x' },
  });
});

test('plainArguments() leaves what needs explaining to commander', () => {
  for (const line of [
    ['status', '--help'],
    ['status', '--jsn'],
    ['status', 'fibre', 'more'],
    ['pin'],
    ['run', '--config'],
    ['run', '--config', '--verbose'],
    ['check', '-x'],
    ['check', '--json=yes'],
    ['completion', 'tcsh'],
  ])
    assert.equal(given(...line), undefined, line.join(' '));
});

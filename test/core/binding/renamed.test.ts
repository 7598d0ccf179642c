import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provider } from '../../../models/provider.ts';
import { renamedProviders } from '../../../src/core/binding/renamed.ts';
import { auto, exampleConfig, exampleProvider, none } from '../example.ts';

const [fibre, lte] = [exampleProvider(0), exampleProvider(1)];
const through = (gateway: string): Pick<Provider, 'addressing'> => ({
  addressing: { 4: { ...auto, gateway }, 6: none },
});

for (const [what, before, next, renamed] of [
  ['one with another id', [fibre, lte], [{ ...fibre, id: 'glass' }, lte], [['glass', 'fibre']]],
  ['an id that stays, on another device', [fibre, lte], [{ ...fibre, interfaceName: 'eth2' }], []],
  [
    'two that changed ids with each other',
    [fibre, lte],
    [
      { ...fibre, id: 'lte' },
      { ...lte, id: 'fibre' },
    ],
    [],
  ],
  ['one that is new beside the present one of its device', [fibre], [fibre, { ...fibre, id: 'second' }], []],
  ['another device', [fibre], [{ ...fibre, id: 'glass', interfaceName: 'eth9' }], []],
  ['another gateway', [fibre], [{ ...fibre, id: 'glass', ...through('10.10.1.9') }], []],
  [
    'two of one device, told apart by their gateways',
    [
      { ...fibre, ...through('10.10.1.1') },
      { ...lte, interfaceName: 'eth1', ...through('10.10.1.2') },
    ],
    [
      { ...fibre, id: 'b', ...through('10.10.1.2') },
      { ...fibre, id: 'a', ...through('10.10.1.1') },
    ],
    [
      ['b', 'lte'],
      ['a', 'fibre'],
    ],
  ],
  [
    'two alike: each once',
    [fibre, { ...fibre, id: 'second' }],
    ['a', 'b', 'c'].map((id) => ({ ...fibre, id })),
    [
      ['a', 'fibre'],
      ['b', 'second'],
    ],
  ],
] as const)
  test(`renamedProviders() of ${what}`, () => {
    const configs = [exampleConfig({ providers: before }), exampleConfig({ providers: next })] as const;
    assert.deepEqual([...renamedProviders(...configs)], renamed);
  });

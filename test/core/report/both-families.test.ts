import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aboutBoth, areAlike, areTwins, joinTwins } from '../../../src/core/report/both-families.ts';
import { exampleDecision, now } from '../../report/example.ts';

const move4 = exampleDecision({
  id: 'a',
  reason: 'lte is down: nothing for 1.0 s; the gateway 10.0.0.1 is silent',
});
const move6 = exampleDecision({
  ...{ id: 'b', at: move4.at + 400, family: 6, sentence: 'IPv6 moves from lte to fibre' },
  reason: 'lte is down: nothing for 998 ms; the gateway 2001:db8::1 is silent',
});

test('areAlike() sees through addresses and figures, and through nothing else', () => {
  const alike = [
    ['no answer from 1.1.1.1 within 50 ms', 'no answer from 2606:4700:4700::1111 within 1.3 s'],
    ['the gateway 10.0.1.254 does not answer ARP', 'the gateway fe80::1 does not answer neighbour discovery'],
    ['bound to 10.0.0.1/24', 'bound to 2001:db8:1::1/64'],
    ['IPv4 goes through fibre', 'IPv6 goes through fibre'],
  ] as const;
  for (const [a, b] of alike) assert.ok(areAlike(a, b), `${a} / ${b}`);
  assert.ok(!areAlike('fibre is down', 'cable is down'));
  assert.ok(!areAlike('no answer from 1.1.1.1', 'refused by 1.1.1.1'));
});

test('areTwins() wants the same of both families, within seconds', () => {
  assert.ok(areTwins(move4, move6));
  assert.ok(!areTwins(move4, { ...move6, family: 4 }));
  assert.ok(!areTwins(move4, { ...move6, to: 'cable' }));
  assert.ok(!areTwins(move4, { ...move6, at: now + 60_000 }));
  assert.ok(!areTwins(move4, { ...move6, reason: 'lte is lossy' }));
});

test('aboutBoth() puts each of our sentences into the plural', () => {
  const spelt = (sentence: string): string => aboutBoth(exampleDecision({ sentence }));
  assert.equal(spelt('IPv4 moves from lte to fibre'), 'IPv4 and IPv6 move from lte to fibre');
  assert.equal(spelt('IPv4 goes through fibre'), 'IPv4 and IPv6 go through fibre');
  assert.equal(
    spelt('IPv4 goes on through fibre, without lte'),
    'IPv4 and IPv6 go on through fibre, without lte',
  );
  assert.equal(spelt('IPv4 no longer has a provider'), 'IPv4 and IPv6 no longer have a provider');
  assert.equal(spelt('fibre (IPv4) is down'), 'fibre (IPv4 and IPv6) is down');
});

test('joinTwins() joins what both families did, in whatever order, and keeps the rest', () => {
  const verdict = exampleDecision({
    id: 'c',
    kind: 'health',
    sentence: 'lte (IPv4) is down',
    to: 'unreliable',
  });
  const verdict6 = { ...verdict, id: 'd', family: 6, sentence: 'lte (IPv6) is down' } as const;
  const joined = joinTwins([verdict, move4, verdict6, move6, { ...move4, id: 'e', at: move4.at + 1000 }]);
  assert.deepEqual(
    joined.map(({ id, sentence, family }) => [id, sentence, family]),
    [
      ['c', 'lte (IPv4 and IPv6) is down', undefined],
      ['a', 'IPv4 and IPv6 move from lte to fibre', undefined],
      ['e', 'IPv4 moves from lte to fibre', 4],
    ],
  );
});

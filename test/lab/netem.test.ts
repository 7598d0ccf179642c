import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import { completeIsps, type Isp } from '../../src/lab/isp.ts';
import { DelayRelay, setLoss } from '../../src/lab/netem.ts';
import { Sessions } from '../../src/lab/sessions.ts';
import { ip } from '../support/ip.ts';

const [isp] = completeIsps([{ name: 'fibre' }]) as [Isp];

before(() => ip('netns add fibre'));
after(() => ip('netns del fibre'));

async function rules(): Promise<string> {
  return (await run('ip', ['netns', 'exec', 'fibre', 'nft', 'list', 'ruleset'])).stdout;
}

test('setLoss() drops in each direction what together gives the ratio, and spares neighbour discovery', async () => {
  await setLoss(isp, 0.36);
  const text = await rules();
  assert.match(text, /iifname "customer" numgen random mod 1000000 < 200000 drop/); // 1 - 0.8 * 0.8 = 0.36
  assert.match(text, /iifname "upstream" numgen random mod 1000000 < 200000 drop/);
  assert.ok(
    text.indexOf('nd-neighbor-solicit') < text.indexOf('customer'),
    'accepted before anything is dropped',
  );
});

test('setLoss() takes the place of what it did before, and 0 leaves nothing', async () => {
  await setLoss(isp, 1);
  const text = await rules();
  assert.deepEqual(text.match(/iifname .* drop/g), ['iifname "customer" drop', 'iifname "upstream" drop']);
  await setLoss(isp, 0);
  assert.equal(await rules(), '');
});

test('setLoss() and set() refuse what is no ratio, and no delay', async () => {
  for (const ratio of [-0.1, 1.1, Number.NaN]) await assert.rejects(setLoss(isp, ratio), /ratio of 0 to 1/);
  const delay = new DelayRelay(isp, new Sessions(), () => undefined);
  for (const ms of [-1, 60_001, Number.NaN]) await assert.rejects(delay.set(ms), /0 to 60000 ms/);
});

test('set() holds half of it in each direction in the relay that a tun ISP has anyway', async () => {
  const held: number[] = [];
  const relay = { hold: (ms: number) => held.push(ms), close: () => Promise.resolve() };
  const delay = new DelayRelay(isp, new Sessions(), () => relay);
  await delay.set(60);
  await delay.set(0);
  assert.deepEqual(held, [30, 0]);
});

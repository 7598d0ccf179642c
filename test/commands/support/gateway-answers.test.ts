import '../../support/own-network.ts';
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { askGateways, silentGateways } from '../../../src/commands/support/gateway-answers.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { run } from '../../../src/kernel/exec.ts';

/** A device with one gateway behind it that answers everything, and one that answers ARP alone. */
before(async () => {
  for (const line of [
    'ip netns add far',
    'ip link add wan9 type veth peer name far9 netns far',
    'ip address add 192.168.7.2/24 dev wan9',
    'ip link set wan9 up',
    'ip -n far address add 192.168.7.1/24 dev far9',
    'ip -n far address add 192.168.7.3/24 dev far9',
    'ip -n far link set far9 up',
    'ip netns exec far nft add table inet quiet',
    'ip netns exec far nft add chain inet quiet input { type filter hook input priority 0 ; }',
    'ip netns exec far nft add rule inet quiet input ip daddr 192.168.7.3 drop',
  ]) {
    const [program = '', ...args] = line.split(' ');
    const { code, stderr } = await run(program, args);
    assert.equal(code, 0, `${line}: ${stderr}`);
  }
});

/** An operator who gives these answers, and what they were asked. */
function operator(...answers: readonly string[]) {
  const questions: string[] = [];
  const ask = async (question: string): Promise<string> => answers[questions.push(question) - 1] ?? '';
  return { ask, questions };
}

const doubts = [{ interfaceName: 'wan9', question: 'What is the gateway of wan9? ' }];

test('askGateways() takes a gateway that answers, by echo or by ARP alone, without another question', async () => {
  for (const gateway of ['192.168.7.1', '192.168.7.3']) {
    const { ask, questions } = operator(gateway);
    assert.deepEqual([...(await askGateways(doubts, ask))], [['wan9', gateway]]);
    assert.equal(questions.length, 1);
  }
});

test('askGateways() asks again about one that does not answer, and takes it the second time', async () => {
  const silent = operator('192.168.7.9', '192.168.7.9');
  assert.deepEqual([...(await askGateways(doubts, silent.ask))], [['wan9', '192.168.7.9']]);
  assert.match(
    silent.questions[1] ?? '',
    /^the gateway 192\.168\.7\.9 answers neither ARP nor echo requests through wan9\. Enter it again/,
  );
  const corrected = operator('192.168.7.9', '192.168.7.1');
  assert.deepEqual([...(await askGateways(doubts, corrected.ask))], [['wan9', '192.168.7.1']]);
  const none = operator('192.168.7.9', '');
  assert.deepEqual([...(await askGateways(doubts, none.ask))], []);
});

test('askGateways() asks again for what is no address', async () => {
  const { ask, questions } = operator('fritz.box', '192.168.7.1');
  assert.deepEqual([...(await askGateways(doubts, ask))], [['wan9', '192.168.7.1']]);
  assert.match(questions[1] ?? '', /^"fritz\.box" is not an address such as 192\.168\.1\.1\. What is/);
});

test('silentGateways() names those of a configuration that do not answer', async () => {
  const providers = [
    { id: 'a', interfaceName: 'wan9', gateway: '192.168.7.1' },
    { id: 'b', interfaceName: 'wan9', gateway: '192.168.7.8' },
    { id: 'c', interfaceName: 'wan8' },
  ];
  const parsed = parseConfig({ providers }, { file: 'config.json' });
  assert.ok(parsed.ok);
  assert.deepEqual(await silentGateways(parsed.config), [
    'the gateway 192.168.7.8 answers neither ARP nor echo requests through wan9',
  ]);
});

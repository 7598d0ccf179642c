import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../../src/kernel/exec.ts';

const program = fileURLToPath(new URL('../../failover', import.meta.url));

test('install at a terminal asks for a gateway that it cannot know', async () => {
  for (const line of [
    'netns add far',
    'link add wan9 type veth peer name far9 netns far',
    '-n far address add 192.168.7.1/24 dev far9',
    '-n far link set far9 up',
    'address add 192.168.7.2/24 dev wan9',
    'link set wan9 up',
  ])
    assert.equal((await run('ip', line.split(' '))).code, 0, line);
  const words = [program, 'install', '--dry-run', '--prefix', '/run/nowhere'];
  const input = { input: '192.168.7.1\n', timeoutMs: 30_000 };
  const atTerminal = await run('script', ['-qec', words.join(' '), '/dev/null'], input);
  assert.match(
    atTerminal.stdout,
    /wan9 has 192\.168\.7\.2\/24 but no default route\. .* what is its gateway/,
  );
  assert.match(atTerminal.stdout, /\{ id: 'wan9', interfaceName: 'wan9', gateway: '192\.168\.7\.1',/);
  const [first = '', ...rest] = words;
  const alone = await run(first, rest, input);
  assert.match(alone.stdout, /no device has a default route.*fill in config\.ts/);
  assert.match(alone.stdout, /\/\/ \{ id: 'wan9', interfaceName: 'wan9', gateway: '…' \},/);
});

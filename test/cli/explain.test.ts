import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../src/kernel/exec.ts';
import { nodeCommand } from '../../src/process/program.ts';

async function failover(...words: readonly string[]): Promise<string> {
  const [program = '', ...args] = nodeCommand('src/cli.ts');
  const { code, stderr } = await run(program, [...args, ...words], { timeoutMs: 30_000 });
  assert.equal(code, 1);
  return stderr.trim();
}

test('a mistake in the command line is reported as any other, with the help that belongs to it', async () => {
  assert.match(
    await failover('statsu'),
    /^failover: unknown command "statsu"\n\(Did you mean status\?\)\n\("failover --help" lists the commands\)$/,
  );
  assert.match(
    await failover('pin'),
    /^failover: missing required argument "id"\n\("failover pin --help" lists its options\)$/,
  );
  assert.match(
    await failover('status', '--wach'),
    /^failover: unknown option "--wach"\n\(Did you mean --watch\?\)\n\("failover status --help" lists its options\)$/,
  );
});

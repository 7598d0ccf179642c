import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { connect, createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { run, start } from '../../src/kernel/exec.ts';
import { type AskError, ask } from '../../src/report/ask.ts';
import { type Answers, openControl } from '../../src/report/control.ts';
import { exampleDecision, exampleSnapshot } from './example.ts';

// Short, since a socket's name has at most 107 bytes.
const folder = mkdtempSync('/tmp/control-');
after(() => rmSync(folder, { recursive: true }));

const answers: Answers = {
  snapshot: () => exampleSnapshot(),
  decisions: () => [exampleDecision()],
  metrics: async (accept) => ({ contentType: 'text/plain', text: `asked for ${accept}` }),
};
let made = 0;
const freshPath = (): string => {
  made += 1;
  return join(folder, `${made}.sock`);
};

async function opened(path: string, more: { group?: string; answers?: Answers } = {}) {
  const control = await openControl({ path, answers, ...more });
  assert.ok('close' in control, JSON.stringify(control));
  return control;
}

function status(path: string, method: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: path, method, path: url, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    asking.on('error', reject).end();
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve) => server.listen(path, resolve));
}

const asRoot = { skip: process.geteuid?.() === 0 ? false : 'only root can give files away; run as root' };

describe('openControl()', () => {
  test('answers for the state and the decisions', async () => {
    const path = freshPath();
    const control = await opened(path);
    assert.deepEqual(await ask(path, 'snapshot'), JSON.parse(JSON.stringify(exampleSnapshot())));
    assert.deepEqual(await ask(path, 'decisions'), [exampleDecision()]);
    await control.close();
    assert.equal(existsSync(path), false);
  });

  test('lets in its owner and one group, nobody else', asRoot, async () => {
    const path = freshPath();
    const control = await opened(path, { group: 'daemon' });
    const { mode, gid } = statSync(path);
    assert.equal(mode & 0o777, 0o660);
    assert.equal(gid, Number((await run('getent', ['group', 'daemon'])).stdout.split(':')[2]));
    assert.equal(control.note, undefined);
    await control.close();
  });

  test('says who is left out without a group, or with one that does not exist', async () => {
    const path = freshPath();
    const alone = await opened(path);
    assert.match(alone.note ?? '', /only root may ask.*FAILOVER_GROUP/);
    assert.equal(statSync(path).mode & 0o777, 0o660);
    await alone.close();
    const missing = await opened(path, { group: 'no-such-group' });
    assert.match(
      missing.note ?? '',
      /there is no group "no-such-group"; create it with "groupadd no-such-group"/,
    );
    await missing.close();
  });

  test('replaces the socket of a daemon that was killed', async () => {
    const path = freshPath();
    const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('here'))`;
    const killed = start(process.execPath, ['-e', code]);
    await new Promise((resolve) => killed.stdout.once('data', resolve));
    killed.kill('SIGKILL');
    await new Promise((resolve) => killed.once('close', resolve));
    assert.ok(existsSync(path));
    const control = await opened(path);
    assert.equal((await ask(path, 'snapshot')).pid, 4711);
    await control.close();
  });

  test('leaves alone a daemon that answers, and what is no socket', async () => {
    const path = freshPath();
    const first = await opened(path);
    const second = await openControl({ path, answers });
    assert.ok('problem' in second);
    assert.match(second.problem, /another daemon answers there/);
    assert.equal((await ask(path, 'snapshot')).pid, 4711);
    await first.close();
    writeFileSync(path, 'mine');
    const third = await openControl({ path, answers });
    assert.ok('problem' in third);
    assert.match(third.problem, /it is not a socket; remove it/);
    assert.ok(existsSync(path));
  });

  for (const [what, path, problem] of [
    ['a missing folder', '/tmp/no-such-folder/control.sock', /the folder is missing; create it/],
    ['a folder that is none', '/etc/passwd/control.sock', /folder/],
    ['a read-only folder', '/proc/control.sock', /cannot be opened: .*folder|not permitted/],
    ['a name that is too long', `/tmp/${'x'.repeat(120)}.sock`, /too long for a socket/],
  ] as const) {
    test(`returns a problem for ${what}`, async () => {
      const control = await openControl({ path, answers });
      assert.ok('problem' in control);
      assert.match(control.problem, problem);
      assert.ok(control.problem.startsWith(`the control socket ${path} cannot be opened: `), control.problem);
    });
  }

  test('refuses other questions', async () => {
    const path = freshPath();
    const control = await opened(path);
    assert.equal(await status(path, 'GET', '/'), 404);
    assert.equal(await status(path, 'POST', '/snapshot'), 405);
    assert.equal(await status(path, 'GET', `/${'x'.repeat(5000)}`), 431);
    assert.equal((await ask(path, 'snapshot')).pid, 4711);
    await control.close();
  });

  test('tells the asker, not the daemon, that an answer failed', async () => {
    const path = freshPath();
    const failing: Answers = {
      ...answers,
      snapshot: () => {
        throw new Error('no state yet');
      },
    };
    const control = await opened(path, { answers: failing });
    await assert.rejects(ask(path, 'snapshot'), /did not answer the question: .*no state yet/);
    assert.equal((await ask(path, 'decisions')).length, 1);
    await control.close();
  });

  test('survives askers that say nothing, nonsense, or hang up, and does not wait for them to close', async () => {
    const path = freshPath();
    const control = await opened(path);
    const silent = Array.from({ length: 20 }, () => connect(path).on('error', () => undefined));
    connect(path)
      .on('error', () => undefined)
      .end('\0\0nonsense\r\n\r\n');
    connect(path)
      .on('error', () => undefined)
      .end('GET /snapshot HTTP/1.1\r\nhost: x\r\n\r\n')
      .destroySoon();
    assert.equal((await ask(path, 'snapshot')).pid, 4711);
    await control.close();
    for (const socket of silent) socket.destroy();
  });
});

describe('ask()', () => {
  test('says how to start a daemon that does not run', async () => {
    await assert.rejects(ask(join(folder, 'none.sock'), 'snapshot'), (error: AskError) => {
      assert.equal(error.kind, 'no daemon');
      assert.match(error.message, /no daemon is running.*systemctl start failover.*failover run/);
      return true;
    });
  });

  test('gives up on a daemon that hangs, before or within its answer', async () => {
    for (const begins of [false, true]) {
      const path = freshPath();
      const server = createServer((_, response) => {
        if (begins) response.writeHead(200, { 'failover-format': '1' }).write('{');
      });
      await listening(server, path);
      await assert.rejects(ask(path, 'snapshot', { timeoutMs: 200 }), (error: AskError) => {
        assert.equal(error.kind, 'hung');
        assert.match(error.message, /did not answer within 0.2 s/);
        return true;
      });
      server.closeAllConnections();
      server.close();
    }
  });

  test('refuses an answer of another version', async () => {
    const path = freshPath();
    const server = createServer((_, response) =>
      response.writeHead(200, { 'failover-format': '2' }).end('{}'),
    );
    await listening(server, path);
    await assert.rejects(ask(path, 'snapshot'), (error: AskError) => {
      assert.equal(error.kind, 'other version');
      assert.match(error.message, /speaks format 2, this command speaks format 1. Restart the daemon/);
      return true;
    });
    server.close();
  });

  test('fails clearly on a listener that is no daemon of ours', async () => {
    const path = freshPath();
    const server = createSocketServer((socket) => socket.end('hello\n'));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await assert.rejects(ask(path, 'snapshot'), (error: AskError) => error.kind === 'failed');
    server.close();
  });

  test('names the group whose members may ask', asRoot, async () => {
    const own = join(folder, 'open');
    mkdirSync(own);
    chmodSync(folder, 0o755);
    chmodSync(own, 0o755);
    const path = join(own, 'control.sock');
    const control = await opened(path, { group: 'daemon' });
    const code = `
      process.setgid(65534); process.setgroups([]); process.setuid(65534);
      import(${JSON.stringify(join(import.meta.dirname, '../../src/report/ask.ts'))})
        .then(({ ask }) => ask(${JSON.stringify(path)}, 'snapshot'))
        .then(() => console.log('answered'), (error) => console.log(error.kind, error.message));`;
    const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', '-e', code], {
      timeoutMs: 20_000,
    });
    assert.match(stdout, /^not permitted you may not query .* members of the group "daemon" may/, stderr);
    chownSync(path, 65534, 65534);
    const owner = await run(process.execPath, ['--import', 'tsx', '-e', code], { timeoutMs: 20_000 });
    assert.equal(owner.stdout.trim(), 'answered');
    await control.close();
  });
});

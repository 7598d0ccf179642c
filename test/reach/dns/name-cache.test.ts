import '../../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { FailureCode } from '../../../models/test-result.ts';
import { NameCache } from '../../../src/reach/dns/name-cache.ts';
import type { ReachContext } from '../../../src/reach/reach-context.ts';
import { ReachError } from '../../../src/reach/reach-error.ts';
import { Scope } from '../../../src/reach/scope.ts';
import { loopback } from '../loopback.ts';
import { nameServer } from '../name-server.ts';

const weekMs = 7 * 86_400_000;
const address = { ttl: 60, records: [Buffer.of(10, 1, 1, 2)] };

describe('NameCache', () => {
  let server: Awaited<ReturnType<typeof nameServer>>;
  let clockMs = 0;
  let names = new NameCache();
  before(async () => {
    server = await nameServer(address);
  });
  beforeEach(() => {
    clockMs = 0;
    names = new NameCache(() => clockMs);
    server.answer = address;
    server.queries = 0;
  });
  after(() => server.close());

  /** One lookup with a scope of its own. */
  async function lookup(host: string, staleMs?: number): Promise<readonly string[] | FailureCode> {
    const scope = new Scope(300, () => performance.now());
    const timer = setTimeout(() => scope.expire(), 300);
    const context: ReachContext = {
      family: 4,
      binding: loopback,
      nameservers: ['127.0.0.1'],
      names,
      scope,
      spend: () => undefined,
      ...(staleMs === undefined ? {} : { staleMs }),
    };
    try {
      return await names.lookup(host, context);
    } catch (error) {
      assert.ok(error instanceof ReachError, String(error));
      return error.failure.code;
    } finally {
      clearTimeout(timer);
      scope.end();
    }
  }

  test('asks once while an answer lives, and again after it', async () => {
    assert.deepEqual(await lookup('a.test', weekMs), ['10.1.1.2']);
    clockMs = 59_999;
    assert.deepEqual(await lookup('A.test', weekMs), ['10.1.1.2']);
    assert.equal(server.queries, 1);
    clockMs = 60_000;
    server.answer = { ttl: 60, records: [Buffer.of(10, 1, 1, 3)] };
    assert.deepEqual(await lookup('a.test', weekMs), ['10.1.1.3'], 'a nameserver that answers is believed');
    assert.equal(server.queries, 2);
  });

  for (const [what, answer] of [
    ['is silent', undefined],
    ['cannot say', { code: 2 }],
    ['refuses', { code: 5 }],
  ] as const)
    test(`uses an answer that is over while the nameserver ${what}, where that is allowed, for as long as is allowed`, async () => {
      await lookup('a.test');
      server.answer = answer;
      clockMs = 60_000 + weekMs - 1;
      assert.deepEqual(await lookup('a.test', weekMs), ['10.1.1.2']);
      clockMs += 1;
      assert.equal(await lookup('a.test', weekMs), 'dns', 'it is too old');
    });

  test('shows checks, which allow no answer that is over, that the nameserver is dead', async () => {
    await lookup('a.test');
    server.answer = undefined;
    clockMs = 60_000;
    assert.equal(await lookup('a.test'), 'dns');
  });

  test('leaves a dead nameserver alone for 30 s, then asks again', async () => {
    await lookup('a.test');
    server.answer = undefined;
    clockMs = 60_000;
    await lookup('a.test', weekMs);
    const asked = server.queries;
    clockMs += 29_999;
    assert.deepEqual(await lookup('a.test', weekMs), ['10.1.1.2']);
    assert.equal(server.queries, asked);
    server.answer = { ttl: 60, records: [Buffer.of(10, 1, 1, 3)] };
    clockMs += 1;
    assert.deepEqual(await lookup('a.test', weekMs), ['10.1.1.3']);
  });

  test('forgets a name of which the nameserver says that it does not exist, or has no address', async () => {
    for (const [answer, code] of [
      [{ code: 3 }, 'dns'],
      [{}, 'not-run'],
    ] as const) {
      server.answer = address;
      await lookup('a.test');
      clockMs += 60_000;
      server.answer = answer;
      assert.equal(await lookup('a.test', weekMs), code);
      server.answer = undefined;
      assert.equal(await lookup('a.test', weekMs), 'dns', 'what it said before is over for good');
    }
  });

  test('does not keep more than 1000 names', async () => {
    for (let i = 0; i <= 1000; i += 1) await lookup(`n${i}.test`);
    server.answer = undefined;
    assert.equal(await lookup('n0.test', weekMs), 'dns');
    assert.deepEqual(await lookup('n1.test', weekMs), ['10.1.1.2']);
  });
});

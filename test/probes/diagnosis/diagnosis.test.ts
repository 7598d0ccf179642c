import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { http, ping, type TestScenario } from '../../../models/config.ts';
import type { DiagnosisEvent } from '../../../models/event.ts';
import type { Binding } from '../../../models/path.ts';
import { createDiagnosis, type Diagnosis } from '../../../src/probes/diagnosis/diagnosis.ts';
import type { EchoRequest } from '../../../src/probes/echo/echo.ts';
import { noAnswer } from '../../../src/reach/failure.ts';
import { until } from '../../support/until.ts';
import { configured } from '../virtual-lab.ts';

test('once() leaves nothing open when a question cannot be asked', async () => {
  const open = { count: 0 };
  const bind = () => {
    open.count += 1;
    return {
      echo: async () => noAnswer(1),
      release() {
        open.count -= 1;
      },
    };
  };
  const made = createDiagnosis({
    config: configured({ testScenarios: [ping('127.0.0.1')] }),
    echo: { means: 'ping sockets', reason: undefined, overheadMs: 0, bind },
    emit: () => undefined,
    now: () => {
      throw new Error('no clock');
    },
  });
  await assert.rejects(made.once('fibre/4', lo), /no clock/);
  assert.equal(open.count, 0);
});

/** The loopback device is there everywhere; its MTU is 65536. */
const lo: Binding = {
  interfaceName: 'lo',
  interfaceIndex: 1,
  address: '127.0.0.1',
  network: undefined,
  gateway: '127.0.0.9',
};
const full = 65_536;

interface Asked {
  readonly address: string;
  readonly bytes: number; // of the packet
  readonly whole: boolean;
}

let diagnosis: Diagnosis | undefined;
afterEach(() => diagnosis?.close());

/** A path on which `limits` says how large a packet each address answers; 0: none. */
function path(
  limits: Readonly<Record<string, number | (() => number)>>,
  testScenarios: readonly TestScenario[],
) {
  const asked: Asked[] = [];
  const events: DiagnosisEvent[] = [];
  const open = { count: 0 };
  const bind = () => {
    open.count += 1;
    return {
      echo: async (address: string, { size, whole = false, timeoutMs }: EchoRequest) => {
        asked.push({ address, bytes: size + 28, whole });
        const limit = limits[address] ?? 0;
        const most = typeof limit === 'number' ? limit : limit();
        return size + 28 <= most ? ({ ok: true, rttMs: 1 } as const) : noAnswer(timeoutMs);
      },
      release() {
        open.count -= 1;
      },
    };
  };
  const made = createDiagnosis({
    config: configured({ testScenarios }),
    echo: { means: 'ping sockets', reason: undefined, overheadMs: 0, bind },
    emit: (event) => void events.push(event),
    now: () => performance.now(),
  });
  diagnosis = made;
  return { asked, events, open, diagnosis: made };
}

const plan = { at: 0, ask: 'mtu', binding: lo, timeoutMs: 200 } as const;

describe('createDiagnosis()', () => {
  test('measures with one packet of full size and a small one, where both pass', async () => {
    const { diagnosis, asked } = path({ '1.1.1.1': full, '127.0.0.9': 99 }, [ping('1.1.1.1')]);
    const { mtu, gateway } = await diagnosis.once('fibre/4', lo);
    assert.deepEqual(mtu, { target: '1.1.1.1', size: full, passes: true });
    assert.equal(gateway?.ok, true);
    const sizes = asked.filter(({ address }) => address === '1.1.1.1');
    assert.deepEqual(sizes, [
      { address: '1.1.1.1', bytes: full, whole: true },
      { address: '1.1.1.1', bytes: 84, whole: false },
    ]);
  });

  for (const largest of [1400, 1280, 9000, 65_535, 84])
    test(`finds the largest that passes: ${largest}`, async () => {
      const { diagnosis, asked } = path({ '1.1.1.1': largest }, [ping('1.1.1.1')]);
      const { mtu } = await diagnosis.once('fibre/4', lo);
      assert.equal(mtu?.passes, false);
      const found = mtu?.largest ?? 0;
      assert.ok(found <= largest && largest - found < 16, `found ${found} for ${largest}`);
      assert.ok(asked.length < 60, `${asked.length} packets`);
    });

  test('believes one target that lets it pass rather than one that does not', async () => {
    const { diagnosis } = path({ '1.1.1.1': 1000, '8.8.8.8': full }, [ping('1.1.1.1'), ping('8.8.8.8')]);
    assert.deepEqual((await diagnosis.once('fibre/4', lo)).mtu, {
      target: '8.8.8.8',
      size: full,
      passes: true,
    });
  });

  test('asks again before it believes that full size does not pass', async () => {
    let lost = 1;
    const limit = () => (lost-- > 0 ? 1000 : full);
    const { diagnosis } = path({ '1.1.1.1': limit }, [ping('1.1.1.1')]);
    assert.equal((await diagnosis.once('fibre/4', lo)).mtu?.passes, true);
  });

  test('knows nothing where no target answers, nor where there is none beyond the gateway', async () => {
    const silent = path({}, [ping('1.1.1.1')]);
    assert.equal('mtu' in (await silent.diagnosis.once('fibre/4', lo)), false);
    const near = path({ '127.0.0.9': full }, [ping('gateway'), http('http://gateway:9999/')]);
    assert.equal('mtu' in (await near.diagnosis.once('fibre/4', lo)), false);
  });

  test('measures by the server of a page where there are no pings', async () => {
    const { diagnosis } = path({ '192.0.2.7': full }, [http('http://192.0.2.7/')]);
    assert.equal((await diagnosis.once('fibre/4', lo)).mtu?.target, '192.0.2.7');
  });

  test('asks when the plan says, and tells with an event when that was', async () => {
    const { diagnosis, events, asked } = path({ '1.1.1.1': full }, [ping('1.1.1.1')]);
    const at = performance.now() + 60;
    diagnosis.schedule('fibre/4', { ...plan, at });
    diagnosis.schedule('fibre/4', { ...plan, at });
    assert.equal(asked.length, 0);
    await until(() => events.length > 0, 'the answer');
    const [event, ...more] = events;
    assert.deepEqual(more, []);
    assert.ok((event?.startedAt ?? 0) >= at);
    assert.deepEqual([event?.path, event?.asked, event?.mtu?.passes], ['fibre/4', 'mtu', true]);
  });

  test('asks one thing at a time, and drops what is asked of another binding', async () => {
    const { diagnosis, events, asked, open } = path({ '1.1.1.1': 1000 }, [ping('1.1.1.1')]);
    diagnosis.schedule('fibre/4', plan);
    diagnosis.schedule('fibre/4', { ...plan, at: 1 });
    assert.equal(asked.length, 2, 'one packet of each size');
    diagnosis.schedule('fibre/4', { ...plan, at: Number.MAX_VALUE, binding: { ...lo, interfaceIndex: 2 } });
    assert.equal(open.count, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(events, []);
    diagnosis.schedule('fibre/4', undefined);
    assert.equal(open.count, 0);
  });

  test('says of a path without gateway that there is none to ask', async () => {
    const { diagnosis } = path({}, [ping('1.1.1.1')]);
    const { gateway } = await diagnosis.once('fibre/4', { ...lo, gateway: undefined });
    assert.deepEqual(gateway, { ok: false, code: 'not-run', reason: 'lo needs no gateway' });
  });
});

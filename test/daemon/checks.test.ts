import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { step } from '../../src/core/step.ts';
import { Checks } from '../../src/daemon/checks.ts';
import type { BoundEcho, Echo } from '../../src/probes/echo/echo.ts';
import { exampleConfig, exampleState, start } from '../core/example.ts';
import { until } from '../support/until.ts';

/** Echoes that are answered at once, and what was asked. */
function answering(): { echo: Echo; asked: string[] } {
  const asked: string[] = [];
  const bound: BoundEcho = {
    echo: (address) => {
      asked.push(address);
      return Promise.resolve({ ok: true, rttMs: 1 });
    },
    release: () => undefined,
  };
  return { asked, echo: { means: 'ping sockets', reason: undefined, overheadMs: 0, bind: () => bound } };
}

test('plan() has checks go on after a pin that ended by itself', async () => {
  const config = exampleConfig({ probeWhileSticky: false });
  const { echo, asked } = answering();
  const checks = new Checks({ config, echo, emit: () => undefined, complain: () => undefined });
  try {
    const state = exampleState(config);
    const pin = { type: 'sticky', at: start + 1, sticky: { id: 'fibre', until: start + 1000 } } as const;
    step(state, pin);
    checks.plan(state, 'all');
    await pause(50);
    assert.deepEqual(asked, []);
    const tick = { type: 'tick', at: start + 1001 } as const;
    checks.plan(state, step(state, tick).effects.checks);
    await until(() => asked.length > 0, 'a check');
  } finally {
    checks.close();
  }
});

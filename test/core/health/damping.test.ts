import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  closeWatchMs,
  decayed,
  outageScaleMs,
  reuseAt,
  suppressAt,
  unseenOutage,
} from '../../../src/core/health/damping.ts';
import { exampleConfig } from '../example.ts';

const config = exampleConfig();

test('decayed() halves a penalty in three outage scales', () => {
  assert.equal(decayed(2, 0, 0, config), 2);
  assert.equal(decayed(2, 0, 3000, config), 1);
  assert.equal(decayed(2, 0, 6000, config), 0.5);
  assert.equal(decayed(2, 0, 1500, exampleConfig({ minOutageMs: 100, checkIntervalMs: 500 })), 1);
});

test('decayed() ends at 0, keeps 0, and does not grow when time goes back', () => {
  assert.equal(decayed(2, 0, 60_000, config), 0);
  assert.equal(decayed(0, 0, 0, config), 0);
  assert.equal(decayed(2, 1000, 0, config), 2);
});

test('outageScaleMs() is the longer of minOutage and checkInterval; a vigil lasts five of them', () => {
  assert.equal(outageScaleMs(exampleConfig({ minOutageMs: 300, checkIntervalMs: 100 })), 300);
  assert.equal(outageScaleMs(exampleConfig({ minOutageMs: 100, checkIntervalMs: 2000 })), 2000);
  assert.equal(closeWatchMs(config), 5000);
});

test('suppressAt lies above long stalls every five seconds and below two in three; reuseAt below it', () => {
  const after = (spacingMs: number, outages: number, length: number): number =>
    Array.from({ length: outages }).reduce<number>(
      (penalty) => decayed(penalty, 0, spacingMs, config) + unseenOutage + length,
      0,
    );
  assert.ok(after(5000, 1000, 0.7) < suppressAt);
  assert.ok(after(2000, 2, 0.9) > suppressAt);
  assert.ok(reuseAt < suppressAt);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { why } from '../../src/commands/why.ts';
import { exampleDecision, exampleSnapshot, fibre, lte, now } from '../report/example.ts';
import { listener, withDaemon } from './daemon.ts';

const verdict = exampleDecision({
  at: now - 60_000,
  kind: 'health',
  provider: 'lte',
  from: 'reliable',
  to: 'unreliable',
  sentence: 'lte (IPv4) is down',
  reason: '20 checks failed in a row (limit 2)',
  numbers: { consecutiveFailed: 20, maxConsecutiveFailedChecks: 2 },
});
const decisions = () => [
  exampleDecision({
    at: now - 90_000,
    from: undefined,
    to: 'lte',
    provider: 'lte',
    sentence: 'IPv4 goes through lte',
  }),
  { ...verdict, at: now - 80_000, provider: 'fibre', sentence: 'fibre (IPv4) is reliable', to: 'reliable' },
  verdict,
  exampleDecision(),
  exampleDecision({ kind: 'target', provider: undefined, sentence: 'target "x" is dead and set aside' }),
];

describe('why()', () => {
  test('tells the last switch of each family with the numbers and limits behind it', async () => {
    const { options, out } = listener();
    assert.equal(await withDaemon({ decisions }, () => why(undefined, options)), 0);
    const text = out.join('\n');
    assert.match(text, /IPv4 moves from lte to fibre\n +failover: lte is down: no answer\n/);
    assert.match(text, /^ +consecutiveFailed +20$/m);
    assert.match(text, /^ +maxConsecutiveFailedChecks +2$/m);
    assert.doesNotMatch(text, /goes through lte|is dead/);
  });

  test('tells of one provider: last verdict, last switch, and how it is now', async () => {
    const { options, out } = listener();
    assert.equal(await withDaemon({ decisions }, () => why('lte', options)), 0);
    const text = out.join('\n');
    assert.match(text, /lte \(IPv4\) is down[\s\S]*IPv4 moves from lte to fibre/);
    assert.match(text, /^IPv4 now: standby, unreliable: 20 checks failed/m);
    assert.doesNotMatch(text, /fibre \(IPv4\) is reliable/);
    for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  });

  test('says how long a provider still waits for traffic', async () => {
    const failback = { delayMs: 80_000, failovers: 4, dueAt: now + 42_000 };
    const waits = { ...lte, health: 'reliable', liveness: 'up', why: 'all is well', failback } as const;
    const snapshot = () => exampleSnapshot({ paths: [fibre, waits] });
    const { options, out } = listener();
    assert.equal(await withDaemon({ decisions, snapshot }, () => why('lte', options)), 0);
    assert.match(
      out.join(' ').replaceAll(/\s+/g, ' '),
      /IPv4 now: standby, reliable: all is well; carries traffic in 42 s \(failback delay 80 s: 4 failovers in the last hour\)/,
    );
  });

  test('tells the cause that was found out after the verdict', async () => {
    const found = exampleDecision({
      at: now - 50_000,
      kind: 'cause',
      severity: 'info',
      provider: 'lte',
      sentence: 'lte (IPv4) broke at: gateway',
      reason: 'the gateway 10.10.2.254 does not answer ARP',
      numbers: { layer: 'gateway' },
    });
    const { options, out } = listener();
    const told = () => [...decisions(), found];
    assert.equal(await withDaemon({ decisions: told }, () => why('lte', options)), 0);
    assert.match(
      out.join('\n'),
      /lte \(IPv4\) broke at: gateway\n +the gateway 10\.10\.2\.254 does not answer ARP\n +layer +gateway/,
    );
  });

  test('prints the same as JSON', async () => {
    const { options, out } = listener();
    assert.equal(await withDaemon({ decisions }, () => why(undefined, { ...options, json: true })), 0);
    const [explained, ...rest] = JSON.parse(out.join('\n'));
    assert.deepEqual(rest, []);
    assert.deepEqual(explained, { family: 4, decision: exampleDecision(), because: verdict });
  });

  test('says so when nothing was decided yet', async () => {
    const { options, out } = listener();
    assert.equal(await withDaemon({ decisions: () => [] }, () => why(undefined, options)), 0);
    assert.equal(await withDaemon({ decisions: () => [] }, () => why('fibre', options)), 0);
    assert.match(
      out.join('\n'),
      /No traffic has been moved yet\.\nNothing has been decided about fibre yet\./,
    );
  });

  test('names the nearest provider for an unknown id', async () => {
    const { options, err } = listener();
    assert.equal(await withDaemon({}, () => why('fibr', options)), 1);
    assert.match(
      err.join('\n'),
      /no provider has the id "fibr"; did you mean "fibre"\? There are: fibre, lte/,
    );
    assert.equal(await withDaemon({}, () => why('satellite', options)), 1);
    assert.match(err.join('\n'), /no provider has the id "satellite"\. There are: fibre, lte/);
  });

  test('ends with 1 when no daemon runs', async () => {
    const { options, err } = listener();
    assert.equal(await withDaemon(undefined, () => why(undefined, options)), 1);
    assert.match(err.join('\n'), /no daemon is running/);
  });
});

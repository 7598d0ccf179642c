import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dns, exec, http, ping, tcp } from '../../../models/config.ts';
import type { TestResult } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';
import { roundFailure } from '../../../src/probes/rounds/round-failure.ts';
import { failed, noAnswer, notRun, stoodStill } from '../../../src/reach/failure.ts';

const passed: TestResult = { ok: true, rttMs: 1 };

const cases: readonly [string, readonly [TestScenario, TestResult][], TestResult][] = [
  [
    'echoes that nobody answered are one sentence, with the longest wait',
    [
      [ping('1.1.1.1'), noAnswer(50)],
      [ping('8.8.8.8'), noAnswer(80)],
    ],
    failed({ code: 'no-answer', afterMs: 80 }, 'no answer from 1.1.1.1, 8.8.8.8 within 80 ms'),
  ],
  [
    'a reason that names what was asked is enough',
    [[tcp('10.0.0.1', 80), failed('refused', '10.0.0.1:80 refused the connection')]],
    failed('refused', '10.0.0.1:80 refused the connection'),
  ],
  [
    'one that does not name it gets the name',
    [[http('http://a.test/'), failed('wrong-answer', 'status 500 instead of 2xx')]],
    failed('wrong-answer', 'status 500 instead of 2xx (http://a.test/)'),
  ],
  [
    'silence with a reason of its own keeps it',
    [
      [ping('1.1.1.1'), noAnswer(50)],
      [tcp('10.0.0.1', 80), failed('no-answer', 'timed out after 90 ms while connecting to 10.0.0.1:80')],
    ],
    failed(
      { code: 'no-answer', afterMs: 50 },
      'no answer from 1.1.1.1 within 50 ms; timed out after 90 ms while connecting to 10.0.0.1:80',
    ),
  ],
  [
    'what was answered tells more than silence',
    [
      [ping('1.1.1.1'), noAnswer(50)],
      [
        dns('a.test', { server: '9.9.9.9' }),
        failed('wrong-answer', '9.9.9.9 answered SERVFAIL for a.test (A)'),
      ],
    ],
    failed(
      'wrong-answer',
      'no answer from 1.1.1.1 within 50 ms; 9.9.9.9 answered SERVFAIL for a.test (A) (a.test @9.9.9.9)',
    ),
  ],
  [
    'a round of which nothing could run is not run',
    [[exec(['/opt/check']), notRun('/opt/check is not installed')]],
    notRun('/opt/check is not installed (exec /opt/check)'),
  ],
  [
    'one of which something passed has run',
    [
      [ping('1.1.1.1'), passed],
      [exec(['x']), notRun('x is not installed')],
    ],
    failed('rejected', 'x is not installed (exec x)'),
  ],
  [
    'one during which this process stood still says only that',
    [
      [ping('1.1.1.1'), noAnswer(50)],
      [ping('8.8.8.8'), stoodStill(5000)],
    ],
    stoodStill(5000),
  ],
];

for (const [what, findings, expected] of cases)
  test(`roundFailure(): ${what}`, () => {
    const found = findings.map(([scenario, result]) => ({ scenario, result }));
    assert.deepEqual(roundFailure(found), expected);
  });

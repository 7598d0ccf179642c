import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Decision } from '../../models/decision.ts';
import { createJournal, type JournalStyle, journalStyle, type Level } from '../../src/report/journal.ts';
import { exampleDecision } from './example.ts';

function journal(level: Level, style: JournalStyle) {
  const lines: string[] = [];
  return { lines, journal: createJournal({ write: (line) => lines.push(line), level, style, now: () => 0 }) };
}

function spelt(decision: Decision, level: Level = 'info', style: JournalStyle = 'journald'): string {
  const { lines, journal: sink } = journal(level, style);
  sink.decide(decision);
  return (lines[0] ?? '').replace(/^<\d>/, '');
}

describe('a decision', () => {
  test('puts the sentence first, then the reason, then the figures', () => {
    assert.equal(
      spelt(exampleDecision({ numbers: { cause: 'all down', outageMs: 1000.12345, ok: true } })),
      'IPv4 moves from lte to fibre: failover: lte is down: no answer kind=switch provider=fibre family=4 from=lte to=fibre cause="all down" outageMs=1000.123 ok=true id=mi5q2x3k-1',
    );
  });

  test('leaves out what is not known', () => {
    const bare = exampleDecision({
      provider: undefined,
      family: undefined,
      from: undefined,
      to: undefined,
      reason: '',
      numbers: {},
    });
    assert.equal(spelt(bare), 'IPv4 moves from lte to fibre kind=switch id=mi5q2x3k-1');
  });
});

describe('createJournal()', () => {
  test('prefixes lines for journald with their priority', () => {
    const { lines, journal: sink } = journal('debug', 'journald');
    for (const level of ['err', 'warning', 'notice', 'info', 'debug'] as const) sink.say(level, level);
    sink.decide(exampleDecision());
    assert.deepEqual(lines.slice(0, 5), ['<3>err', '<4>warning', '<5>notice', '<6>info', '<7>debug']);
    assert.match(lines[5] ?? '', /^<4>IPv4 moves from lte to fibre: /);
  });

  test('shows time and level on a terminal', () => {
    const { lines, journal: sink } = journal('info', 'plain');
    sink.say('info', 'the daemon starts', { pid: 1, note: undefined });
    assert.match(
      lines[0] ?? '',
      /^(1969-12-31|1970-01-01) \d\d:\d\d:\d\d\.\d{3} info {4}the daemon starts pid=1$/,
    );
  });

  test('shows people on a terminal no values for programs', () => {
    const { lines, journal: sink } = journal('info', 'terminal');
    sink.say('info', 'the daemon starts', { pid: 1 });
    sink.decide(exampleDecision({ numbers: { cause: 'failover' } }));
    assert.match(lines[0] ?? '', / info {4}the daemon starts$/);
    assert.match(lines[1] ?? '', / warning IPv4 moves from lte to fibre: failover: lte is down: no answer$/);
  });

  test('shows the commands that put something back, those that follow a decision only for debugging', () => {
    const note = { kind: 'kernel', reason: '', numbers: {}, commands: ['ip a', 'ip b'] } as const;
    const repair = exampleDecision({ ...note, severity: 'warning', sentence: 'put back' });
    const follows = exampleDecision({ ...note, severity: 'info', sentence: 'routes updated' });
    assert.match(spelt(repair), /^put back: ip a; ip b kind=kernel /);
    assert.match(spelt(follows), /^routes updated kind=kernel /);
    assert.match(spelt(follows, 'debug'), /^routes updated: ip a; ip b kind=kernel /);
  });

  test('leaves out what is below its level', () => {
    const { lines, journal: sink } = journal('warning', 'journald');
    sink.say('notice', 'no');
    sink.decide(exampleDecision({ severity: 'info' }));
    sink.say('err', 'yes');
    assert.deepEqual(lines, ['<3>yes']);
  });

  test('keeps one fact on one line, whatever a reason quotes', () => {
    const { lines, journal: sink } = journal('info', 'journald');
    sink.say('err', 'it said\r\n<0>panic\u2028\x1b[2J', { answer: 'a\nb "c"' });
    assert.deepEqual(lines, ['<3>it said <0>panic ?[2J answer="a\\nb \\"c\\""']);
  });

  test('survives a writer that throws', () => {
    const sink = createJournal({
      write: () => {
        throw new Error('EPIPE');
      },
      level: 'debug',
      style: 'plain',
    });
    sink.say('err', 'anyone?');
    sink.decide(exampleDecision({ at: Number.NaN }));
  });
});

describe('journalStyle()', () => {
  test("is journald's only when the descriptor is the one systemd names", () => {
    const fd = openSync('/dev/null', 'w');
    const { dev, ino } = fstatSync(fd, { bigint: true });
    assert.equal(journalStyle({ JOURNAL_STREAM: `${dev}:${ino}` }, fd), 'journald');
    assert.equal(journalStyle({ JOURNAL_STREAM: `${dev}:${ino + 1n}` }, fd), 'plain');
    assert.equal(journalStyle({ JOURNAL_STREAM: 'junk' }, fd), 'plain');
    assert.equal(journalStyle({}, fd), 'plain');
    closeSync(fd);
    assert.equal(journalStyle({ JOURNAL_STREAM: `${dev}:${ino}` }, fd), 'plain');
  });
});

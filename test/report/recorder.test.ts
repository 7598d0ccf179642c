import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { dns, ping } from '../../models/config.ts';
import type { Event } from '../../models/event.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import { memoryOf } from '../../src/core/state/memory-of.ts';
import { initial } from '../../src/core/state/state.ts';
import { step } from '../../src/core/step.ts';
import { type Beginning, createRecorder } from '../../src/report/recorder.ts';
import { readRecording } from '../../src/report/recording.ts';
import {
  check,
  exampleConfig,
  exampleLinks,
  exampleState,
  failed,
  late,
  start,
  warmUp,
} from '../core/example.ts';
import { exampleDecision } from './example.ts';

const folder = mkdtempSync('/tmp/recorder-');
after(() => rmSync(folder, { recursive: true }));

const beginning: Beginning = {
  at: start,
  version: '0.1.0',
  config: exampleConfig(),
  memory: memoryOf(warmUp(exampleState())),
};

const events: readonly Event[] = [
  { type: 'links', at: start, links: exampleLinks() },
  check('fibre/4', 0),
  check('fibre/4', 1000, failed()),
  { ...check('fibre/4', 2000, failed()), fault: { layer: 'http', beyond: true, answered: true, portal: '' } },
  {
    type: 'diagnosis',
    at: start,
    startedAt: start,
    path: 'fibre/4',
    asked: 'gateway',
    gateway: failed('silence'),
  },
  {
    type: 'diagnosis',
    at: start,
    startedAt: start,
    path: 'fibre/4',
    asked: 'mtu',
    mtu: { target: '1.1.1.1', size: 1500, passes: false, largest: 1400 },
  },
  late('fibre/4', 1000, 300),
  { type: 'sticky', at: start, sticky: { id: 'lte', until: start + 60_000 } },
  { type: 'sticky', at: start, sticky: undefined },
  { type: 'config', at: start, config: exampleConfig({ minOutageMs: 2000 }) },
  {
    type: 'kernel',
    at: start,
    note: { kind: 'changed', message: 'a route was added', commands: ['ip route'] },
  },
  {
    ...{ type: 'lease', at: start, device: 'eth1', family: 4, source: 'dhclient' },
    ...{ gateway: '10.10.1.254', dns: ['10.10.1.53'], until: start + 5 },
  },
  { type: 'tick', at: start },
];

let made = 0;
const freshFile = (text?: string): string => {
  made += 1;
  const file = join(folder, `${made}.jsonl`);
  if (text !== undefined) writeFileSync(file, text);
  return file;
};

async function recorded(file = freshFile()): Promise<string> {
  const recorder = createRecorder(file, beginning, { warn: (sentence) => assert.fail(sentence) });
  for (const event of events) recorder.event(event);
  recorder.decision(exampleDecision());
  await recorder.close(10_000);
  return file;
}

/** What JSON keeps of a value: scenarios by name and families. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner) =>
      key === 'testScenarios' && Array.isArray(inner)
        ? inner.map(({ name, families }) => ({ name, families }))
        : inner,
    ),
  );

describe('createRecorder()', () => {
  test('writes what readRecording() gives back', async () => {
    const recording = await readRecording(await recorded());
    assert.deepEqual(plain(recording.events), plain(events));
    assert.deepEqual(recording.decisions, [exampleDecision()]);
    assert.deepEqual(recording.notes, []);
    assert.deepEqual(plain(recording.beginning.config), plain(beginning.config));
    assert.deepEqual(plain(recording.beginning.memory), plain(beginning.memory));
    assert.equal(recording.beginning.at, start);
  });

  test('keeps enough for the core to decide the same', async () => {
    const decide = (from: Beginning, taken: readonly Event[]) => {
      const state = initial(from.config, from.at, from.memory);
      return taken.flatMap((event) => step(state, event).decisions);
    };
    const recording = await readRecording(await recorded());
    const decisions = decide(beginning, events);
    assert.ok(decisions.length >= 5);
    assert.deepEqual(plain(decide(recording.beginning, recording.events)), plain(decisions));
  });

  test('keeps of each scenario all that the core knows of it, and reads what earlier versions kept', async () => {
    const scenarios = [ping('1.1.1.1', { every: 30 }), ping('gateway'), dns('a.test')];
    const [provider] = exampleConfig().providers;
    assert.ok(provider !== undefined);
    const config = exampleConfig({
      testScenarios: scenarios,
      providers: [{ ...provider, testScenarios: scenarios }],
    });
    const file = freshFile();
    const recorder = createRecorder(file, { ...beginning, config }, { warn: (text) => assert.fail(text) });
    await recorder.close(10_000);
    const known = (list: readonly TestScenario[] | undefined) =>
      list?.map(({ name, everyMs, asksBeyondGateway, isOneRoundTrip }) => [
        ...[name, everyMs],
        ...[asksBeyondGateway, isOneRoundTrip],
      ]);
    const expected = [
      ['ping 1.1.1.1', 30_000, true, true],
      ['ping gateway', undefined, false, true],
      ['dns a.test', undefined, true, false],
    ];
    const read = (await readRecording(file)).beginning.config;
    assert.deepEqual(known(read.testScenarios), expected);
    assert.deepEqual(known(read.providers[0]?.testScenarios), expected);

    const text = readFileSync(file, 'utf8');
    const old = freshFile(
      text.replaceAll(/,"everyMs":30000|,"(asksBeyondGateway|isOneRoundTrip)":(true|false)/g, ''),
    );
    assert.deepEqual(known((await readRecording(old)).beginning.config.testScenarios), [
      ['ping 1.1.1.1', undefined, true, false],
      ['ping gateway', undefined, true, false],
      ['dns a.test', undefined, true, false],
    ]);
  });

  test('keeps an earlier recording aside', async () => {
    const file = freshFile('earlier');
    await recorded(file);
    assert.equal(readFileSync(`${file}.old`, 'utf8'), 'earlier');
    assert.equal((await readRecording(file)).events.length, events.length);
  });

  test('keeps several earlier recordings, so that a second restart does not lose the first', async () => {
    const file = freshFile('first');
    await recorded(file);
    await recorded(file);
    await recorded(file);
    assert.equal(readFileSync(`${file}.old.3`, 'utf8'), 'first');
    assert.equal((await readRecording(`${file}.old.2`)).events.length, events.length);
  });

  for (const [what, file, reason] of [
    ['a full disk', '/dev/full', /ENOSPC/],
    ['a missing folder', join(folder, 'none/recording.jsonl'), /ENOENT/],
  ] as const) {
    test(`ends with one warning on ${what}`, async () => {
      const warnings: string[] = [];
      const recorder = createRecorder(file, beginning, { warn: (sentence) => warnings.push(sentence) });
      for (let round = 0; round < 3; round += 1) {
        for (const event of events) recorder.event(event);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await recorder.close();
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', reason);
      assert.match(warnings[0] ?? '', /^the recording to .* ended: .*; the daemon goes on without it$/);
    });
  }

  test('ends with one warning when the disk cannot follow', async () => {
    const file = freshFile();
    const warnings: string[] = [];
    const recorder = createRecorder(file, beginning, { warn: (sentence) => warnings.push(sentence) });
    const big = {
      type: 'kernel',
      at: start,
      note: { kind: 'changed', message: 'x'.repeat(1 << 20), commands: [] },
    } as const;
    for (let n = 0; n < 40; n += 1) recorder.event(big); // in one turn: the disk cannot have taken any
    await recorder.close();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /too slow/);
  });

  test('takes nothing after its close', async () => {
    const file = freshFile();
    const recorder = createRecorder(file, beginning, { warn: (sentence) => assert.fail(sentence) });
    await recorder.close(10_000);
    const size = readFileSync(file).length;
    recorder.event({ type: 'tick', at: start });
    await recorder.close(10_000);
    assert.ok(size > 0);
    assert.equal(readFileSync(file).length, size);
  });
});

describe('readRecording()', () => {
  test('takes the words of earlier versions for those of today, and gives their decisions ids', async () => {
    const lines = readFileSync(await recorded(), 'utf8').split('\n');
    const {
      id: _,
      evidence: __,
      ...early
    } = exampleDecision({ kind: 'kernel', numbers: { kind: 'foreign' } });
    const note = { kind: 'foreign', message: 'a route that is not ours is in the way', commands: [] };
    const file = freshFile(
      [
        lines[0],
        JSON.stringify({ type: 'kernel', at: start, note }),
        JSON.stringify({ type: 'decision', ...early }),
        JSON.stringify({ type: 'decision', ...early, kind: 'life' }),
      ].join('\n'),
    );
    const { events: read, decisions } = await readRecording(file);
    assert.deepEqual(read, [{ type: 'kernel', at: start, note: { ...note, kind: 'conflict' } }]);
    const at = Math.floor(early.at).toString(36);
    assert.deepEqual(
      decisions.map(({ id, kind, numbers, evidence }) => [id, kind, numbers['kind'], evidence]),
      [
        [`${at}-1`, 'kernel', 'conflict', []],
        [`${at}-2`, 'lifecycle', 'foreign', []],
      ],
    );
  });

  test('leaves out a last line that was cut off, with a note', async () => {
    const file = await recorded();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length;
    appendFileSync(file, '{"type":"tick","at":17');
    const { events: read, notes } = await readRecording(file);
    assert.equal(read.length, events.length);
    assert.deepEqual(notes, [`${file}:${lines + 1} is cut off, as by a crash, and left out`]);
  });

  test('refuses a cut-off line in the middle', async () => {
    const file = await recorded();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length;
    appendFileSync(file, '{"type":"tick","at":17\n{"type":"tick","at":17}\n');
    await assert.rejects(readRecording(file), { message: new RegExp(`^${file}:${lines + 1} is not JSON: `) });
  });

  test('refuses what is no recording', async () => {
    const file = freshFile('');
    await assert.rejects(readRecording(file), /is empty: expected a recording/);
    await assert.rejects(readRecording(freshFile('hello\n')), /:1 is not JSON/);
    await assert.rejects(readRecording(freshFile('{"type":"tick","at":1}\n')), /:1 is not a "start"/);
    await assert.rejects(readRecording(join(folder, 'none')), /none cannot be read: ENOENT/);
    await assert.rejects(readRecording(folder), /cannot be read: EISDIR/);
  });

  for (const [line, problem] of [
    ['[]', /is not a line of a recording/],
    ['null', /is not a line of a recording/],
    [
      '{"type":"constructor","at":1}',
      /has the unknown type "constructor": expected one of start, decision, check/,
    ],
    ['{"type":"tick"}', /\(tick\) has a missing or wrong "at": nothing/],
    ['{"type":"tick","at":null}', /\(tick\) has a missing or wrong "at": null/],
    [
      '{"type":"check","at":1,"startedAt":1,"path":"fibre","result":{"ok":true,"rttMs":1},"targets":[]}',
      /wrong "path": "fibre"/,
    ],
    [
      '{"type":"check","at":1,"startedAt":1,"path":"fibre/4","result":{"ok":true},"targets":[]}',
      /wrong "result"/,
    ],
    [
      '{"type":"check","at":1,"startedAt":1,"path":"fibre/4","result":{"ok":false,"reason":""},"targets":[1]}',
      /wrong "targets"/,
    ],
    [
      '{"type":"check","at":1,"startedAt":1,"path":"fibre/4","result":{"ok":true,"rttMs":1},"targets":[],"fault":{}}',
      /wrong "fault"/,
    ],
    ['{"type":"diagnosis","at":1,"startedAt":1,"path":"fibre/4","asked":"all"}', /wrong "asked"/],
    ['{"type":"diagnosis","at":1,"startedAt":1,"path":"fibre/4","asked":"mtu","mtu":{}}', /wrong "mtu"/],
    ['{"type":"links","at":1,"links":{"links":[{}],"defaults":[]}}', /wrong "links"/],
    ['{"type":"lease","at":1,"device":"eth1","family":4}', /wrong "source"/],
    ['{"type":"sticky","at":1,"sticky":"lte"}', /wrong "sticky"/],
    ['{"type":"config","at":1,"config":{"providers":[]}}', /wrong "config"/],
    ['{"type":"start","at":1,"format":2}', /has format 2: this version reads format 1/],
  ] as const) {
    test(`refuses ${line.slice(0, 60)}`, async () => {
      const file = await recorded();
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length;
      appendFileSync(file, `${line}\n`);
      await assert.rejects(readRecording(file), (error: Error) => {
        assert.ok(error.message.startsWith(`${file}:${lines + 1} `), error.message);
        assert.match(error.message, problem);
        return true;
      });
    });
  }

  test('refuses a second start', async () => {
    const file = await recorded();
    appendFileSync(file, readFileSync(file));
    await assert.rejects(readRecording(file), /is a second "start"/);
    assert.ok(existsSync(file));
  });
});

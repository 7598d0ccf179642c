import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { statusReport } from '../../src/report/status-report.ts';
import { exampleSnapshot, fibre, lte, now } from './example.ts';
import { isComplete, schemaFile, schemaText, statusSchema } from './status-schema.ts';

test('docs/status.schema.json describes the type of the report', () => {
  assert.ok(isComplete);
  if (process.env['FAILOVER_MAKE_SCHEMA'] === '1') writeFileSync(schemaFile, schemaText());
  assert.deepEqual(JSON.parse(readFileSync(schemaFile, 'utf8')), JSON.parse(schemaText()));
});

test('statusReport() keeps to the schema, with whole milliseconds', () => {
  const since = now - 1000.25;
  const failback = { delayMs: 10_000, failovers: 1, dueAt: now + 0.75 };
  const six = { ...lte, family: 6, path: 'lte/6', failback, recent: [true, 'lossy', undefined] } as const;
  const report = statusReport(exampleSnapshot({ at: now + 0.5, paths: [{ ...fibre, since }, lte, six] }));
  const parsed = statusSchema.parse(JSON.parse(JSON.stringify(report)));
  assert.deepEqual([parsed.paths[0]?.since, parsed.paths[2]?.failback?.dueAt], [now - 1000, now + 1]);
  assert.deepEqual(parsed.paths[2]?.recent, [true, 'lossy', null]);
});

/** A real control socket in a folder of its own, where commands look for the daemon. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Answers, openControl } from '../../src/report/control.ts';
import type { TerminalStyle } from '../../src/report/terminal.ts';
import { exampleDecision, exampleSnapshot } from '../report/example.ts';

/** A screen that is the same everywhere. */
export const look: TerminalStyle = { columns: 80, colour: false, unicode: true };

/** Runs `work` while a daemon answers, or while none does (`undefined`); `folder` is its runtime folder. */
export async function withDaemon<T>(
  answers: Partial<Answers> | undefined,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync('/tmp/daemon-');
  const before = process.env['FAILOVER_RUNTIME_DIRECTORY'];
  process.env['FAILOVER_RUNTIME_DIRECTORY'] = folder;
  const all: Answers = {
    snapshot: () => exampleSnapshot(),
    decisions: () => [exampleDecision()],
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    ...answers,
  };
  const control =
    answers === undefined
      ? undefined
      : await openControl({ path: join(folder, 'control.sock'), answers: all });
  if (control !== undefined && 'problem' in control) throw new Error(control.problem);
  try {
    return await work(folder);
  } finally {
    await control?.close();
    if (before === undefined) delete process.env['FAILOVER_RUNTIME_DIRECTORY'];
    else process.env['FAILOVER_RUNTIME_DIRECTORY'] = before;
    rmSync(folder, { recursive: true });
  }
}

/** Where a command's text goes in a test. */
export function listener() {
  const out: string[] = [];
  const err: string[] = [];
  return {
    options: { look, print: (text: string) => out.push(text), complain: (text: string) => err.push(text) },
    out,
    err,
  };
}

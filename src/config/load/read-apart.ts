import { ExecError, runForAnswer } from '../../kernel/exec.ts';
import { damage } from '../../process/damage.mjs';
import { nodeCommand, programFolder } from '../../process/program.ts';
import { parse } from '../packed-config.ts';
import { type PackedReading, type Reading, unpackReading } from '../reading.ts';

const startMs = 2000; // until a slow machine has started the process

/**
 * Loads and parses a file in a process of its own, which is killed when it takes too long. Never rejects.
 * `timeoutMs`: for the configuration itself.
 */
export async function readApart(file: string, timeoutMs: number): Promise<Reading> {
  const refuse = (problem: string): Reading => ({
    file,
    problem: damage(programFolder) ?? `${file} ${problem}`,
  });
  const [program = '', ...args] = nodeCommand('src/config/load/load-child.ts');
  try {
    const { code, answer, killed } = await runForAnswer(program, [...args, file, String(timeoutMs)], {
      timeoutMs: timeoutMs + startMs,
    });
    if (killed)
      return refuse(
        `did not finish loading within ${timeoutMs / 1000} s; it must not run or wait for so long at its top level`,
      );
    if (answer === '')
      return refuse(`ended the process that read it, with status ${code}; it must not call process.exit`);
    const reading = unpackReading(parse(answer) as PackedReading); // our own program's answer
    return 'problem' in reading ? { ...reading, problem: damage(programFolder) ?? reading.problem } : reading;
  } catch (error) {
    if (error instanceof ExecError) return refuse(`cannot be read: ${error.message}`);
    throw error;
  }
}

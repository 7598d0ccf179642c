/** Reads what `recorder.ts` wrote. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Decision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import { messageOf } from '../../models/message-of.ts';
import { modernise, type StoredDecision } from '../core/state/decision-ids.ts';
import { type Line, readLine } from './recorded-line.ts';
import type { Beginning } from './recorder.ts';

/** A whole recording. Scenarios in its configurations are placeholders that keep the recorded fields. */
export interface Recording {
  readonly beginning: Beginning;
  readonly events: readonly Event[];
  readonly decisions: readonly Decision[]; // those the core made then
  readonly notes: readonly string[]; // oddities of the file that do not prevent its use
}

/** A file that is not a recording; the message names file, line and what was wrong. */
export class RecordingError extends Error {}

/** Reads and checks a recording. @throws {RecordingError} */
export async function readRecording(file: string): Promise<Recording> {
  const reading = new Reading(file);
  try {
    for await (const text of createInterface({ input: createReadStream(file, 'utf8') })) reading.take(text);
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    const message = messageOf(error);
    throw new RecordingError(`the recording ${file} cannot be read: ${message}`, { cause: error });
  }
  return reading.end();
}

class Reading {
  readonly #file: string;
  readonly #events: Event[] = [];
  readonly #decisions: StoredDecision[] = [];
  #beginning: Beginning | undefined;
  #number = 0;
  #broken: string | undefined; // what is wrong with the latest line, if it is cut off

  constructor(file: string) {
    this.#file = file;
  }

  take(text: string): void {
    if (this.#broken !== undefined) this.#fail(this.#broken); // only the last line may be cut off
    this.#number += 1;
    if (text.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      this.#broken = `is not JSON: ${messageOf(error)}`;
      return;
    }
    const line = readLine(value);
    if ('problem' in line) this.#fail(line.problem);
    else this.#keep(line);
  }

  end(): Recording {
    if (this.#beginning === undefined) {
      if (this.#broken !== undefined) this.#fail(this.#broken);
      throw new RecordingError(
        `${this.#file} is empty: expected a recording made by "failover run --record"`,
      );
    }
    const note = `${this.#file}:${this.#number} is cut off, as by a crash, and left out`;
    return {
      beginning: this.#beginning,
      events: this.#events,
      decisions: modernise(this.#decisions),
      notes: this.#broken === undefined ? [] : [note],
    };
  }

  #keep(line: Exclude<Line, { problem: string }>): void {
    const isFirst = this.#beginning === undefined;
    if ('beginning' in line) {
      if (!isFirst) this.#fail('is a second "start": expected one recording per file');
      this.#beginning = line.beginning;
    } else if (isFirst) this.#fail(`is not a "start": expected a recording made by "failover run --record"`);
    else if ('decision' in line) this.#decisions.push(line.decision);
    else this.#events.push(line.event);
  }

  #fail(problem: string): never {
    throw new RecordingError(`${this.#file}:${this.#number} ${problem}`);
  }
}

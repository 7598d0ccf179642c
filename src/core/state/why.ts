/** A reason for people, and the figures and limits that made it. */
export interface Explanation {
  readonly reason: string;
  readonly numbers: Readonly<Record<string, number | string | boolean>>;
}

/**
 * Makes the words when somebody asks: nearly every result changes nothing, and then nobody does. Holds its own figures, so
 * that it says the same whenever it is asked.
 */
export type Explain = () => Explanation;

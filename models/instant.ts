/** Milliseconds since the Unix epoch, on a clock that never steps back while a process lives. */
export type Instant = number;

/** The result of one run of one scenario over one path. */
export type TestResult = Success | Failure;

/** A run that passed. */
export interface Success {
  readonly ok: true;
  readonly rttMs: number;
  /** `rttMs` includes delays of our own, such as starting or waiting for a processor: it says nothing of the line. */
  readonly untimed?: true;
}

/** A run that did not pass: what happened, as data, and a sentence for people, which nothing parses. */
export type Failure = { readonly ok: false; readonly reason: string } & FailureDetail;

/** What happened, with the details that its readers need. */
export type FailureDetail =
  | { readonly code: 'no-answer'; readonly afterMs?: number } // nothing at all came back in this time
  | { readonly code: 'unreachable' } // a route, a router or a firewall has no path to it
  | { readonly code: 'too-large' } // a packet of that size does not pass
  | { readonly code: 'refused' } // it refused, reset or closed the connection
  | { readonly code: 'tls' } // no agreement on TLS, or a certificate that cannot be trusted
  | { readonly code: 'timeout' } // something came back, then nothing more until the deadline
  | { readonly code: 'dns'; readonly answered: boolean } // a name did not resolve; `answered`: by a server's answer
  | { readonly code: 'portal'; readonly location?: string } // a login page answered instead; its address, without query
  | { readonly code: 'wrong-answer' } // it answered, but not as expected
  | { readonly code: 'rejected' } // an operator's scenario failed without giving a code
  | { readonly code: 'unfinished' } // a program did not end by the deadline; whether anything answered it is not known
  | { readonly code: 'not-run' } // the check could not be made: says nothing about the provider
  | { readonly code: 'stalled' }; // this process stood still: whether an answer came in time is not known

/** The kinds of failures. */
export type FailureCode = FailureDetail['code'];

/** The kinds of failures that need no further details. */
export type PlainCode = Exclude<FailureCode, 'dns'>;

/**
 * What a scenario returns. An operator's need not give more than `reason`; `notRun` is how the code `'not-run'` was
 * expressed before there were codes.
 */
export type ScenarioResult =
  | TestResult
  | {
      readonly ok: false;
      readonly reason: string;
      readonly code?: FailureCode;
      readonly notRun?: boolean;
    };

/** Whether a check could not be made, which says nothing about the provider. */
export function isNotRun(result: TestResult): boolean {
  return !result.ok && (result.code === 'not-run' || result.code === 'stalled');
}

/** Whether something came back, if only a refusal or a wrong answer. */
export function hasAnswered(failure: FailureDetail): boolean {
  switch (failure.code) {
    case 'no-answer':
    case 'unreachable':
    case 'unfinished':
    case 'not-run':
    case 'stalled':
      return false;
    case 'dns':
      return failure.answered;
    default:
      return true;
  }
}

/** The most informative of several failures: the first that was answered, else the first that ran, else the first. */
export function mostTelling<T extends FailureDetail>(failures: readonly [T, ...T[]]): T {
  return failures.find(hasAnswered) ?? failures.find(({ code }) => code !== 'not-run') ?? failures[0];
}

const plainCodes: ReadonlySet<unknown> = new Set<PlainCode>([
  'no-answer',
  'unreachable',
  'too-large',
  'refused',
  'tls',
  'timeout',
  'portal',
  'wrong-answer',
  'rejected',
  'unfinished',
  'not-run',
  'stalled',
]);

/** Reads the detail from the fields of an unchecked value; `undefined` if it has no code, or an unknown one. */
export function readDetail(fields: Readonly<Record<string, unknown>>): FailureDetail | undefined {
  const { code, afterMs, answered, location } = fields;
  if (code === 'dns') return { code, answered: answered === true };
  if (code === 'no-answer' && typeof afterMs === 'number') return { code, afterMs };
  if (code === 'portal' && typeof location === 'string') return { code, location };
  return plainCodes.has(code) ? { code: code as PlainCode } : undefined; // the set contains nothing else
}

/** What one run of one scenario over one path found. */
export type TestResult = { readonly ok: true; readonly rttMs: number } | Failure;

/** A run that did not pass: what happened, as data, and composed from it a sentence for people. Nothing reads that sentence back. */
export type Failure = { readonly ok: false; readonly reason: string } & FailureDetail;

/** What happened, with what its readers need to know of it. */
export type FailureDetail =
  | { readonly code: 'no-answer'; readonly afterMs?: number } // nothing at all came back, for so long: an echo, a connection attempt, a query
  | { readonly code: 'unreachable' } // a route, a router or a firewall has no path to it
  | { readonly code: 'too-large' } // a packet of that size does not pass
  | { readonly code: 'refused' } // it refused, reset or closed the connection
  | { readonly code: 'tls' } // no agreement on TLS, or a certificate that cannot be trusted
  | { readonly code: 'timeout' } // something came back, then nothing more until the deadline
  | { readonly code: 'dns'; readonly answered: boolean } // a name it needs cannot be resolved; `answered`: a server said so
  | { readonly code: 'portal'; readonly location?: string } // a login page answered in its place; where, without its query
  | { readonly code: 'wrong-answer' } // it answered, but not as expected
  | { readonly code: 'rejected' } // a scenario of the operator's says so, with no code of its own
  | { readonly code: 'unfinished' } // a program did not end by the deadline; whether anything answered it, nobody knows
  | { readonly code: 'not-run' } // the check could not be made (no such device, a scenario that throws): says nothing about the provider
  | { readonly code: 'stalled' }; // this process stood still: nobody knows whether an answer came in time

/** The kinds of failures. */
export type FailureCode = FailureDetail['code'];

/** The kinds of failures that need no more said about them. */
export type PlainCode = Exclude<FailureCode, 'dns'>;

/**
 * What a scenario gives back. One of the operator's need not say more than `reason`; `notRun` is the code `'not-run'` as it
 * was said before there were codes.
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

/** Whether something came back, if only to refuse or to say what is not expected. */
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

/** What several failures come to: the first that was answered, else the first that ran, else the first. */
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

/** The detail among the fields of something that no compiler has seen; `undefined` when it has no code, or one that is unknown. */
export function readDetail(fields: Readonly<Record<string, unknown>>): FailureDetail | undefined {
  const { code, afterMs, answered, location } = fields;
  if (code === 'dns') return { code, answered: answered === true };
  if (code === 'no-answer' && typeof afterMs === 'number') return { code, afterMs };
  if (code === 'portal' && typeof location === 'string') return { code, location };
  return plainCodes.has(code) ? { code: code as PlainCode } : undefined; // the set has nothing else
}

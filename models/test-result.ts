/** What one run of one scenario over one path found. */
export type TestResult =
  | { readonly ok: true; readonly rttMs: number }
  | {
      readonly ok: false;
      readonly reason: string;
      /** The check could not be made at all (no such device, a scenario that throws): says nothing about the provider. */
      readonly notRun?: boolean;
    };

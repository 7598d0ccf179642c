/** The part of the `ping` package that is used; it ships no types. */
declare module 'ping' {
  interface PingConfig {
    numeric?: boolean;
    timeout?: number; // seconds, may be fractional
    v6?: boolean;
    sourceAddr?: string;
    packetSize?: number;
    extra?: string[];
  }
  interface PingResponse {
    alive: boolean;
    time: number | 'unknown'; // ms
    output: string; // stdout and stderr
  }
  const ping: { promise: { probe(address: string, config: PingConfig): Promise<PingResponse> } };
  export default ping;
}

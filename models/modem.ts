/** A mobile modem as ModemManager knows it; words in its own spelling. What it does not know is absent. */
export interface Modem {
  readonly devices: readonly string[]; // its network devices
  readonly state: string; // 'connected', 'registered', 'searching', 'locked', 'failed', 'disabled', …
  readonly failure?: string; // why its state is 'failed': 'sim-missing', …
  readonly lock?: string; // what the SIM or the modem asks for: 'sim-pin', …
  readonly registration?: string; // 'home', 'roaming', 'searching', 'denied', …
  readonly operator?: string; // 'Telekom.de'
  readonly technology?: string; // 'lte', '5gnr', …
  readonly signal?: number; // percent
  readonly signalDbm?: number; // RSRP of LTE and 5G, RSSI of others
}

/** Whether it is in a network of another operator than its own. */
export function isRoaming({ registration }: Modem): boolean {
  return registration?.startsWith('roaming') === true; // also 'roaming-sms-only', 'roaming-csfb-not-preferred'
}

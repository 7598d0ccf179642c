import type { Binding } from '../../models/path.ts';

/** A path that leads no farther than this machine. */
export const loopback: Binding = {
  interfaceName: 'lo',
  interfaceIndex: 1,
  address: '127.0.0.1',
  network: undefined,
  gateway: undefined,
};

// The configuration of failover, the only file you need to edit. Every setting: docs/configuration.md
// After a change, `./failover check` lists mistakes or the settings in effect; a running daemon reloads by itself.
import { defineConfig, ping } from './models/config.ts';

export default defineConfig({
  // How fast to react: 'calm', 'normal' (a check every second, failover after 1 s without answers) or 'fast'.
  reaction: 'normal',

  // Preferred provider first. Only `id` and `interfaceName` are needed; everything left out is read from the kernel.
  providers: [
    {
      id: 'fibre',
      interfaceName: 'eth1',
      ipv4Address: '10.10.1.1',
      network: '10.10.1.0/24',
      gateway: '10.10.1.254',
      rtTableId: 101,
      rtTableName: 'fibre',
    },
    { id: 'lte', interfaceName: 'wwan0' },
  ],

  // What a check sends through each provider; one answer is enough (`requiredSuccessful: 1`).
  testScenarios: [
    ping('1.1.1.1'),
    ping('8.8.8.8'),
    ping('9.9.9.9'),
    ping('2606:4700:4700::1111'),
    ping('2001:4860:4860::8888'),
    ping('2620:fe::fe'),
  ],
});

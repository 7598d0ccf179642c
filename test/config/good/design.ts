import { defineConfig, ping } from '../../../models/config.ts';

export default defineConfig({
  checkInterval: '1s',
  startMetric: 100,
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
  testScenarios: [ping('1.1.1.1'), ping('8.8.8.8')],
});

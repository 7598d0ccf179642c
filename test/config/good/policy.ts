import { defineConfig, dns, exec, http, neighbour, ping, tcp } from '../../../models/config.ts';

export default defineConfig({
  requiredSuccessful: 3,
  providers: [
    { id: 'fibre', interfaceName: 'eth1' },
    { id: 'lte', interfaceName: 'wwan0', requiredSuccessful: 'all', probeBudget: '5MB' },
  ],
  testScenarios: [
    ping('gateway', { weight: 2 }),
    tcp('example.com', 443, { every: '10s' }),
    http('http://example.com/', { required: true, every: 30 }),
    dns('example.com', { weight: 3, every: '1m' }),
    neighbour({ required: true }),
    exec(['/bin/true'], { every: '5m', timeout: '2s' }),
  ],
});

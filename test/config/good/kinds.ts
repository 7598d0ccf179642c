import { defineConfig, dns, exec, http, neighbour, ping, tcp } from '../../../models/config.ts';

export default defineConfig({
  nameservers: ['gateway', '9.9.9.9'],
  providers: [{ id: 'lte', interfaceName: 'wwan0', nameservers: ['2620:fe::fe'] }],
  testScenarios: [
    ping('One.one.example'),
    tcp('example.com', 443, { tls: { serverName: 'www.example.com' }, timeout: '2s' }),
    tcp('2001:db8::1', 22, { banner: 'SSH-2.0' }),
    http('https://gateway:9999/', {
      insecure: true,
      status: [200, 204],
      headers: { 'X-Key': '1' },
      timeout: 3,
    }),
    dns('Example.com.', { server: '8.8.8.8', type: 'AAAA', expect: ['2001:db8::2'] }),
    neighbour({ timeout: '250ms' }),
    exec(['/usr/local/bin/check', '--quick'], { env: { LIMIT: '5' } }),
  ],
});

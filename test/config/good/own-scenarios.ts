import { http, type Probe, type Provider, TestScenario, TestScenarioHttp } from '../../../models/config.ts';

class ApiIsUp extends TestScenario {
  declare readonly name: string; // the class's own

  override get families() {
    return [4] as const;
  }

  async runTest(_provider: Provider, probe: Probe) {
    return { ok: true, rttMs: (await probe.connect('api.example.com', 443)).rttMs } as const;
  }
}

class Portal extends TestScenarioHttp {
  override runTest(provider: Provider, probe: Probe) {
    return super.runTest(provider, probe);
  }
}

async function vpnAnswers(_provider: Provider, probe: Probe) {
  return await probe.echo('10.99.0.1');
}

export default {
  providers: [{ id: 'lte', interfaceName: 'wwan0' }],
  testScenarios: [
    new ApiIsUp(),
    vpnAnswers,
    new Portal('http://a.example/'),
    http('http://u:secret@b.example/x'),
  ],
};

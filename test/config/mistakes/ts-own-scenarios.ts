import { http, tcp, TestScenario } from '../../../models/config.ts';

class Forgetful extends TestScenario {
  name = 'forgetful';
  override get timeoutMs() {
    return 5;
  }
  async runTest() {
    return { ok: true, rttMs: 1 } as const;
  }
}

class Vague extends TestScenario {
  name = 'vague';
  override get layer() {
    return 'cloud' as never;
  }
  async runTest() {
    return { ok: true, rttMs: 1 } as const;
  }
}

class Secret extends TestScenario {}

export default {
  providers: [{ id: 'fibre', interfaceName: 'eth1' }],
  testScenarios: [
    new Forgetful(),
    Forgetful,
    new Secret(),
    async () => ({ ok: true, rttMs: 1 }),
    tcp('example.com', 0),
    http('https://example.com/', { timeout: 'soon' }),
    new Vague(),
  ],
};

export default {
  providers: [{ id: 'fibre', interfaceName: 'eth1' }],
  testScenarios: [{ families: [5], runTest: async () => ({ ok: true, rttMs: 1 }) }],
};

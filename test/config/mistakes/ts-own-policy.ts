export default {
  providers: [{ id: 'lte', interfaceName: 'wwan0' }],
  testScenarios: [
    { name: 'a', families: [4], weight: -1, required: 1, everyMs: 5, runTest: async () => ({ ok: true, rttMs: 1 }) },
  ],
};

export default {
  providers: [{ id: 'lte', interfaceName: 'wwan0' }],
  testScenarios: [
    { name: 'always', families: [4], runTest: async (_provider, probe) => probe.echo('gateway') },
  ],
};

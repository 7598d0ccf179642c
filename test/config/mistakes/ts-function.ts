export default () => ({ providers: [] });

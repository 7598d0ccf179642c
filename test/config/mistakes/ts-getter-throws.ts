export default {
  get providers() {
    throw new Error('cannot tell');
  },
};

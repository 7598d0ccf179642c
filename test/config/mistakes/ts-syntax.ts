export default {
  providers: [
};

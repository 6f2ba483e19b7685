/** 10,000 handwritten digits of MNIST: by digit, all of its pictures one after the other, 28 rows of 28 numbers from 0 to 1 each. */
declare module 'mnist' {
  const mnist: readonly { readonly raw: readonly number[] }[];
  export default mnist;
}

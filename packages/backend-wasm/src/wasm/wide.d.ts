/** The build's binary; its module is written by scripts/build-kernels.js. */
export declare const base64: string;

/** The build's binary; its module is written by scripts/build-kernels.js, as this is. */
export declare const base64: string;

/** Rows that register tiles go by: 2, or 4 (and 6) in the build for engines that join vectors. Set by scripts/build-kernels.js. */
declare const TILE_ROWS: i32;

/** Rows of a register tile: 2, or 4 in the build for engines that join vectors. Set by scripts/build-kernels.js. */
declare const TILE_ROWS: i32;

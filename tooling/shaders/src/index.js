export { readShader } from './read-shader.js';
export { shaderPlugin } from './shader-plugin.js';

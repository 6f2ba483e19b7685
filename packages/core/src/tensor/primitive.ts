export type { Primitive, PrimitiveAttributes as Attributes } from '../backend/index.js';

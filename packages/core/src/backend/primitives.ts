/** Elementwise functions of one floating-point operand; `neg`, `abs`, `sign` and `relu` also take i32. */
export const unaryOps = [
  'neg',
  'abs',
  'sign',
  'floor',
  'exp',
  'log',
  'log1p',
  'sqrt',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'relu',
] as const;
/** One of `unaryOps`. */
export type UnaryOp = (typeof unaryOps)[number];

/** Elementwise functions of two operands of one dtype, with broadcasting; `div` and `pow` are floating-point only. */
export const binaryOps = ['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum'] as const;
/** One of `binaryOps`. */
export type BinaryOp = (typeof binaryOps)[number];

/** Elementwise comparisons of two operands of one dtype, with broadcasting; the result is i32, 0 or 1; NaN compares false. */
export const compareOps = ['equal', 'less', 'lessEqual'] as const;
/** One of `compareOps`. */
export type CompareOp = (typeof compareOps)[number];

/** The recurrent cells that have whole-segment kernels. */
export const recurrentCells = ['rnnTanh', 'rnnRelu', 'lstm', 'gru'] as const;
/** One of `recurrentCells`. */
export type RecurrentCell = (typeof recurrentCells)[number];

/** Gates of each cell: the rows of `weightIh` are this many times the hidden size. */
export const gateCount: Readonly<Record<RecurrentCell, number>> = { rnnTanh: 1, rnnRelu: 1, lstm: 4, gru: 3 };

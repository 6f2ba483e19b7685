/** What of Chromium's hints is used. */
interface UserAgentData {
  readonly platform: string;
  readonly brands: readonly { readonly brand: string; readonly version: string }[];
}

interface Hints {
  readonly userAgentData?: UserAgentData;
  readonly deviceMemory?: number;
}

/** What this device and browser say of themselves: names and texts. */
export function deviceFacts(): [string, string][] {
  const { userAgentData, deviceMemory } = navigator as Hints;
  const memory: [string, string][] =
    deviceMemory === undefined ? [] : [['memory', `${deviceMemory} GiB${deviceMemory === 8 ? ' or more' : ''}`]];
  return [
    ['browser', browserName(userAgentData)],
    ['system', userAgentData?.platform || systemName(navigator.userAgent)],
    ['graphics', graphicsName()],
    ['cores', String(navigator.hardwareConcurrency)],
    ...memory,
    [
      'threads',
      crossOriginIsolated ? 'yes' : 'no: the page was served without the headers that cross-origin isolate it',
    ],
  ];
}

function browserName(data: UserAgentData | undefined): string {
  const brand = data?.brands
    .filter(({ brand: name }) => !/not.*brand/i.test(name))
    .toSorted((a, b) => rank(a.brand) - rank(b.brand))[0];
  if (brand !== undefined) return `${brand.brand} ${brand.version}`;
  const agent = navigator.userAgent;
  const named = /(?:Firefox|FxiOS|CriOS|EdgiOS)\/(\d+)/.exec(agent) ?? /Version\/([\d.]+).*Safari/.exec(agent);
  const name = /Firefox|FxiOS/.test(agent)
    ? 'Firefox'
    : /CriOS/.test(agent)
      ? 'Chrome for iOS'
      : /EdgiOS/.test(agent)
        ? 'Edge for iOS'
        : 'Safari';
  return named === null ? agent : `${name} ${named[1]}`;
}

/** Brands that say more come first. */
function rank(brand: string): number {
  return brand === 'Chromium' ? 1 : 0;
}

function systemName(agent: string): string {
  return /\(([^;)]+)(?:; ([^;)]+))?/.exec(agent)?.slice(1).filter(Boolean).join(', ') ?? 'unknown';
}

function graphicsName(): string {
  const context = document.createElement('canvas').getContext('webgl');
  if (context === null) return 'none by WebGL';
  const extension = context.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = context.getParameter(extension?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return String(name);
}

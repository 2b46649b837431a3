// How the ES module build loads the SDK: by `import()`, which vi.mock reaches, and which a bundle of ES modules can run.
// The CommonJS build takes load-module.ts in its place.

/** See load-module.ts. */
export const IS_DEFAULT_MADE = true;

export function loadModule(): unknown {
  return import('@baiducloud/qianfan');
}

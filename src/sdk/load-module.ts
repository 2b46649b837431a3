// How the CommonJS build loads the SDK: by `require`, which jest.mock reaches; jest refuses `import()` there.
// The ES module build takes load-module.mts in its place, see "build:esm" in package.json.

/** `require` gives the SDK's build for Node as it is; `import()` gives it a default export. */
export const IS_DEFAULT_MADE = false;

export function loadModule(): unknown {
  return require('@baiducloud/qianfan');
}

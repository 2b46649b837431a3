// Loads the SDK inside each call, so that a missing or a mocked one is met there, and picks the function to call.

import { IS_DEFAULT_MADE, loadModule } from './load-module';

/** What the SDK's consoleAction takes. */
export interface ConsoleRequest {
  readonly base_api_route: string;
  readonly action: string;
  readonly data: object;
}

export type ConsoleAction = (request: ConsoleRequest) => unknown;

/** The function to call, or why there is none, as a sentence. */
export type LoadedSdk = { readonly consoleAction: ConsoleAction } | { readonly problem: string };

const NO_CONSOLE_ACTION =
  '@baiducloud/qianfan has no consoleAction: install version 0.1.9 or newer, or mock consoleAction, too.';
// The usual way, and where to find the others: each bundler calls it differently, and in some programs nothing can be external.
const REMEDY =
  'keep it out of the bundle (external) and install it where the program runs (dependencies, not devDependencies), or see "Bundlers" in the documentation of qianfan-finetuning.';
const BROWSER_BUILD = `A bundler seems to have taken the browser build of @baiducloud/qianfan: ${REMEDY}`;

/** Loads the SDK. What goes wrong is a problem that is returned, not thrown. */
export async function loadSdk(): Promise<LoadedSdk> {
  try {
    return pickConsoleAction(await loadModule());
  } catch (reason) {
    return { problem: whyNotLoaded(reason) };
  }
}

/** Picks from what the SDK exports: a mock may have replaced the named function, that of the default export, or both. */
export function pickConsoleAction(sdk: unknown, isDefaultMade = IS_DEFAULT_MADE): LoadedSdk {
  const found = [read(sdk, 'consoleAction'), read(read(sdk, 'default'), 'consoleAction')].filter(isConsoleAction);
  const mock = found.find((one) => !isOwn(one));
  const consoleAction = mock ?? found[0];
  if (!consoleAction) return { problem: NO_CONSOLE_ACTION };
  if (!mock && isMinified(consoleAction) && !isCommonJs(sdk, isDefaultMade)) return { problem: BROWSER_BUILD };
  return { consoleAction };
}

// vitest's mocks throw when an export is read that they do not have.
function read(object: unknown, name: string): unknown {
  return name in Object(object) ? Reflect.get(Object(object), name) : undefined;
}

function isConsoleAction(value: unknown): value is ConsoleAction {
  return typeof value === 'function';
}

// Only the source of the SDK's own function has the variable's name. A mock or a spy has another source.
function isOwn(consoleAction: ConsoleAction): boolean {
  return sourceOf(consoleAction).includes('QIANFAN_CONSOLE_API_BASE_URL');
}

// The SDK's build for browsers is published minified. In the build for Node the parameter has its name, unless a bundler has
// minified it, too. Nothing else tells the two functions apart: what they export and what can be reached is the same.
function isMinified(consoleAction: ConsoleAction): boolean {
  return !/\bbase_api_route\./.test(sourceOf(consoleAction));
}

function sourceOf(consoleAction: ConsoleAction): string {
  return Function.prototype.toString.call(consoleAction);
}

// The SDK's build for Node is CommonJS: by `require` it is a plain object, by `import()` that is the default export. Its
// build for browsers is an ES module without a default export, of which only rollup makes a plain object, for `import()`.
function isCommonJs(sdk: unknown, isDefaultMade: boolean): boolean {
  if ('default' in Object(sdk)) return true;
  const property = Object.getOwnPropertyDescriptor(sdk, 'consoleAction');
  return !isDefaultMade && property?.writable === true && property.configurable === true;
}

function whyNotLoaded(reason: unknown): string {
  const code = String(read(reason, 'code'));
  const message = typeof reason === 'string' ? reason : String(read(reason, 'message') ?? '');
  // The SDK itself is missing if its name is a word of its own, and not part of the path of a file that needs another package.
  const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test(code) && /^.*['" ]@baiducloud\/qianfan['" ]/.test(message);
  if (!isMissing) return `@baiducloud/qianfan fails to load${message && `: "${message}"`}. If you bundle, ${REMEDY}`;
  const from = /(?: from (?:referrer )?|Require stack:\n- )'?([^'\n]+)/.exec(message)?.[1];
  return `@baiducloud/qianfan is not installed${from ? `, looked for from ${from}` : ''}: npm install @baiducloud/qianfan.`;
}

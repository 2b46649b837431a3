// Loads the SDK inside each call, so that a missing or a mocked one is met there, and picks the function to call.

import { messageOf, ownField } from '../common/fields';
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
const BROWSER_BUILD =
  "The bundler took the build of @baiducloud/qianfan for browsers, which does not work in Node: mark @baiducloud/qianfan as external in the bundler's configuration (Next.js: serverExternalPackages: ['@baiducloud/qianfan']).";

// Only the SDK's own function names it. A mock or a spy has another source.
const OWN_FUNCTION = 'QIANFAN_CONSOLE_API_BASE_URL';

/** Loads the SDK. What goes wrong is a problem that is returned, not thrown. */
export async function loadSdk(): Promise<LoadedSdk> {
  try {
    return pickConsoleAction(await loadModule());
  } catch (reason) {
    return { problem: loadProblem(reason) };
  }
}

/** Picks from what the SDK exports: a mock may have replaced the named function, that of the default export, or both. */
export function pickConsoleAction(sdk: unknown, isDefaultMade = IS_DEFAULT_MADE): LoadedSdk {
  const found = [read(sdk, 'consoleAction'), read(read(sdk, 'default'), 'consoleAction')].filter(isConsoleAction);
  const consoleAction = found.find((one) => !isOwn(one)) ?? found[0];
  if (!consoleAction) return { problem: NO_CONSOLE_ACTION };
  const isBrowserBuild = isOwn(consoleAction) && !isNodeBuild(sdk, isDefaultMade);
  return isBrowserBuild ? { problem: BROWSER_BUILD } : { consoleAction };
}

// vitest's mocks throw when an export is read that they do not have.
function read(object: unknown, name: string): unknown {
  return name in Object(object) ? Reflect.get(Object(object), name) : undefined;
}

function isConsoleAction(value: unknown): value is ConsoleAction {
  return typeof value === 'function';
}

function isOwn(consoleAction: ConsoleAction): boolean {
  return Function.prototype.toString.call(consoleAction).includes(OWN_FUNCTION);
}

// The SDK's build for Node is CommonJS: by `require` it is a plain object, by `import()` that is the default export. Its
// build for browsers is an ES module without a default export, of which only rollup makes a plain object, for `import()`.
function isNodeBuild(sdk: unknown, isDefaultMade: boolean): boolean {
  if ('default' in Object(sdk)) return true;
  const property = Object.getOwnPropertyDescriptor(sdk, 'consoleAction');
  return !isDefaultMade && property?.writable === true && property.configurable === true;
}

function loadProblem(reason: unknown): string {
  const code = `${ownField(reason, 'code')}`;
  const message = messageOf(reason);
  // The SDK's name stands alone; in the path of a file that looks for another package it does not.
  const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test(code) && /^.*['" ]@baiducloud\/qianfan['" ]/.test(message);
  if (!isMissing) {
    return `@baiducloud/qianfan is installed but fails to load. If you bundle, mark it as external. It said: "${message}".`;
  }
  const from = /(?: from (?:referrer )?|Require stack:\n- )'?([^'\n]+)/.exec(message)?.[1];
  return `@baiducloud/qianfan is not installed${from ? `, looked for from ${from}` : ''}: npm install @baiducloud/qianfan.`;
}

// Temporary: the loader is being written elsewhere.
export type ConsoleAction = (request: ConsoleRequest) => unknown;
export interface ConsoleRequest {
  readonly base_api_route: string;
  readonly action: string;
  readonly data: object;
}
export type LoadedSdk =
  | { readonly consoleAction: ConsoleAction }
  | { readonly problem: 'missing' | 'no_console_action' | 'browser_build' | 'failed'; readonly reason: unknown; readonly from: string };

export function loadSdk(): LoadedSdk | Promise<LoadedSdk> {
  try {
    const { consoleAction } = require('@baiducloud/qianfan');
    if (typeof consoleAction === 'function') return { consoleAction };
    return { problem: 'no_console_action', reason: undefined, from: __dirname };
  } catch (reason) {
    return { problem: 'missing', reason, from: __dirname };
  }
}

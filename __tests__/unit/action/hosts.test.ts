// Faults of this package itself, and of the host it runs in, are not blamed on the caller.

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { stopFineTuningTask } from '../../../src';
import { isTaskId } from '../../../src/common/task-id';
import { errorOf } from '../../support/responses/errors';
import { consoleAction } from '../../support/sdk/mocked-sdk';
import { TASK } from '../../support/task';

jest.mock('../../../src/common/task-id', () => {
  const actual = jest.requireActual<object>('../../../src/common/task-id');
  return { ...actual, isTaskId: jest.fn(() => true) };
});

const { canParse } = URL;

afterEach(() => {
  URL.canParse = canParse;
  jest.mocked(isTaskId).mockReturnValue(true);
});

test.each([TASK, { ...TASK, more: null }])(
  'a check of ours that throws is no getter that threw, in %p',
  async (input) => {
    jest.mocked(isTaskId).mockImplementation(() => {
      throw new TypeError('This host has no such thing.');
    });
    const error = await errorOf(
      stopFineTuningTask(input).catch((reason: unknown) => {
        jest.mocked(isTaskId).mockReturnValue(true);
        throw reason;
      }),
    );
    expect(error).toMatchObject({ code: 'UNEXPECTED_ERROR', cause: { message: 'This host has no such thing.' } });
  },
);

describe('an old jsdom, whose URL has no canParse,', () => {
  const WITHOUT: typeof URL.canParse | undefined = undefined;

  test('takes a base URL', async () => {
    Object.assign(URL, { canParse: WITHOUT });
    consoleAction.mockResolvedValue({ requestId: 'r', result: true });
    const baseUrl = 'https://qianfan.baidubce.com';
    await expect(stopFineTuningTask(TASK, { baseUrl })).resolves.toEqual({ requestId: 'r', result: true });
  });

  test('refuses a wrong one', async () => {
    Object.assign(URL, { canParse: WITHOUT });
    const error = await errorOf(stopFineTuningTask(TASK, { baseUrl: 'http://127.0.0.1:99999' }));
    expect(error).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: 'baseUrl' }] });
  });
});

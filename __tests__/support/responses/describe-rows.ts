// Rows of the truth table: responses to a Describe.

import { TASK_ID } from '../task';
import { bare, busy, odd, oddJson, ok, PAGE, type ResponseRow, refused, sent, unknown } from './notation';

const task = (fields: object) => ok({ requestId: 'r-1', result: fields });
const described = (fields: object) => ({ requestId: 'r-1', result: fields });
const oddTask = (fields: object) => oddJson({ requestId: 'r-1', result: fields }, { requestId: 'r-1' });

export const TASKS: readonly ResponseRow[] = [
  ...(
    [
      [
        'A task is handed on with all its fields',
        {
          taskId: TASK_ID,
          jobId: 'job-1',
          runStatus: 'Running',
          runProgress: '45%',
          vdlLink: 'v',
          metrics: { a: ['1'] },
        },
      ],
      ['A task need not have an ID', { runStatus: 'Done' }],
      ['A task may have null for an ID', { taskId: null, runStatus: 'Done' }],
      ['A state may be empty', { taskId: TASK_ID, runStatus: '' }],
      ['A state may be undocumented', { taskId: TASK_ID, runStatus: 'Paused' }],
    ] as const
  ).map(([title, fields]): ResponseRow => [`${title}.`, task(fields), described(fields)]),
  ...(
    [
      ["Another task's state is refused", { taskId: 'task-another', runStatus: 'Stopped' }],
      ['An ID that differs in its case is of another task', { taskId: TASK_ID.toUpperCase(), runStatus: 'Stopped' }],
      ['A number is the ID of another task', { taskId: 5, runStatus: 'Stopped' }],
      ['A task without a state is refused', { taskId: TASK_ID }],
      ['A state of null is refused', { taskId: TASK_ID, runStatus: null }],
      ['A number is not a state', { taskId: TASK_ID, runStatus: 3 }],
      ['An array is not a task', [{ taskId: TASK_ID, runStatus: 'Stopped' }]],
    ] as const
  ).map(([title, fields]): ResponseRow => [`${title}.`, task(fields), oddTask(fields)]),
  ...[true, null, 'Stopped'].map((result): ResponseRow => {
    const body = { requestId: 'r-1', result };
    return [`A result of ${JSON.stringify(result)} is not a task.`, ok(body), oddJson(body, { requestId: 'r-1' })];
  }),
  [
    'A task beside error_code 0 is returned.',
    ok({ error_code: 0, ...described({ runStatus: 'Done' }) }),
    described({ runStatus: 'Done' }),
  ],
  [
    'A task beside a refusal is the refusal.',
    ok({ ...described({ runStatus: 'Done' }), code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 200, 'AccessDenied', { requestId: 'r-1' }),
  ],
  ['A task after a repeat is returned.', [busy, task({ runStatus: 'Done' })], described({ runStatus: 'Done' })],
  [
    'An unknown task is NOT_FOUND.',
    sent(404, { requestId: 'r-1', code: 'NoSuchKey', message: 'm' }),
    refused('NOT_FOUND', 404, 'NoSuchKey', { requestId: 'r-1', apiMessage: 'm' }),
  ],
  [
    'A missing permission is PERMISSION_DENIED.',
    sent(403, { code: 'AccessDenied' }),
    refused('PERMISSION_DENIED', 403, 'AccessDenied'),
  ],
  ['A page is not a task.', ok(PAGE), odd(PAGE)],
  ['The page of a gateway is not a refusal.', sent(403, PAGE), bare('PERMISSION_DENIED', 403, PAGE)],
  [
    'A failure of the server is SERVER_ERROR.',
    sent(500, { code: 'InternalError' }),
    unknown('SERVER_ERROR', 500, 'InternalError'),
  ],
  ['A redirect is not followed.', sent(302, '', { location: 'https://login.example/' }), odd('')],
];

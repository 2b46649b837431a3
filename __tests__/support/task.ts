// The task that the tests ask for, where its ID does not matter.

export const TASK_ID = 'task-5kjifvzerc5n';
export const TASK = { taskId: TASK_ID } as const;

// What bench.mjs runs in the project of a user: programs, as text. Each prints what it measured, as JSON.

const REQUEST = `{ base_api_route: '/v2/finetuning', action: 'StopFineTuningTask', data: { taskId: 'task-5kjifvzerc5n' } }`;
const BARE = `consoleAction(${REQUEST})`;
const OURS = `stopFineTuningTask({ taskId: 'task-5kjifvzerc5n' })`;

const SDK = {
  cjs: `const { consoleAction } = require('@baiducloud/qianfan');\n`,
  mjs: `import { consoleAction } from '@baiducloud/qianfan';\n`,
};
const PACKAGE = {
  cjs: `const { stopFineTuningTask } = require('qianfan-finetuning');\n`,
  mjs: `import { stopFineTuningTask } from 'qianfan-finetuning';\n`,
};

// Tells at its end what processor time the process took, in milliseconds.
const TELL = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.getBuiltinModule('fs').writeSync(1, String((user + system) / 1000));
});\n`;
const once = (call) => `${TELL}${call}.then(({ result }) => { if (result !== true) process.exit(1); });`;

// Times both in turn, round by round.
const MEASURE = (run) => `
const [rounds, calls] = process.argv.slice(-2).map(Number);
const bare = () => ${BARE};
const ours = () => ${OURS};
const time = async (call) => {
  const start = performance.now();
  ${run}
  return performance.now() - start;
};
(async () => {
  const pairs = [];
  for (let round = -2; round < rounds; round++) { // two to warm up
    const first = round % 2 === 0 ? bare : ours;
    const times = [await time(first), await time(first === bare ? ours : bare)];
    if (round >= 0) pairs.push(first === bare ? times : times.reverse());
  }
  process.stdout.write(JSON.stringify(pairs));
})();`;
const IN_TURN = `for (let i = 0; i < calls; i++) if ((await call()).result !== true) throw new Error('No result.');`;
const AT_ONCE = `const all = await Promise.all(Array.from({ length: calls }, call));
  if (!all.every(({ result }) => result)) throw new Error('No result.');`;

// Puts a function that does nothing in the place of the SDK, for \`require\` and for \`import\`.
const MOCK = `const path = require.resolve('@baiducloud/qianfan');
const answer = { requestId: 'r', result: true, headers: {} };
const consoleAction = async () => answer;
require.cache[path] = { id: path, filename: path, loaded: true, exports: { consoleAction } };\n`;

export const PROGRAMS = {
  'nothing.cjs': TELL,
  'nothing.mjs': TELL,
  'load-bare.cjs': SDK.cjs + TELL,
  'load-bare.mjs': SDK.mjs + TELL,
  'load-ours.cjs': PACKAGE.cjs + TELL,
  'load-ours.mjs': PACKAGE.mjs + TELL,
  'bare.cjs': SDK.cjs + once(BARE),
  'bare.mjs': SDK.mjs + once(BARE),
  'ours.cjs': PACKAGE.cjs + once(OURS),
  'ours.mjs': PACKAGE.mjs + once(OURS),
  'one-by-one.cjs': SDK.cjs + PACKAGE.cjs + MEASURE(IN_TURN),
  'at-once.cjs': SDK.cjs + PACKAGE.cjs + MEASURE(AT_ONCE),
  'mocked.cjs': MOCK + PACKAGE.cjs + MEASURE(IN_TURN),
  'mocked.mjs': `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
${MOCK}const { stopFineTuningTask } = await import('qianfan-finetuning');${MEASURE(IN_TURN)}`,
};

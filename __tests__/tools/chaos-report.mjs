// Prints what the calls of the chaos test ended with, by end and by the door of the first request.

/** `calls`: the plan, the end and the record of each call. */
export function printTables(calls) {
  console.table(tableOf(calls, ({ plan, end }) => ({ function: plan.kind, end: end.value, outcome: end.outcome })));
  const byDoor = calls.filter(({ end }) => end.requests.length > 0);
  console.table(
    tableOf(byDoor, ({ end }) => ({
      door: end.requests[0].door,
      ...(end.isResolved ? { end: 'resolved', outcome: '' } : { end: endOf(end), outcome: end.outcome }),
    })),
  );
}

export function printViolations({ broken, plan, end, record }, seed) {
  console.error(`\n${broken.join('\n')}\nplan   ${JSON.stringify(plan)}\nend    ${JSON.stringify(end)}`);
  console.error(`record ${JSON.stringify(record)}\nagain  npm run test:chaos -- --seed ${seed} --only ${plan.index}`);
}

function endOf({ value, retryable }) {
  if (value === 'CONNECTION_FAILED') return `${value}, ${retryable ? 'retryable' : 'lasting'}`;
  return ['TIMEOUT', 'ABORTED'].includes(value) ? value : 'other errors';
}

/** Counts calls by what `nameOf` says of each. */
function tableOf(calls, nameOf) {
  const rows = new Map();
  for (const call of calls) {
    const { plan, record } = call;
    const wasSeen = record.stops + record.describes > 0;
    const isStopped = record.state === 'Stopped' && plan.state !== 'Stopped';
    const names = nameOf(call);
    const key = Object.values(names).join(' ');
    const row = rows.get(key) ?? { ...names, calls: 0, seen: 0, stopped: 0 };
    rows.set(key, { ...row, calls: row.calls + 1, seen: row.seen + wasSeen, stopped: row.stopped + isStopped });
  }
  return Object.fromEntries([...rows].sort().map(([, row], i) => [i + 1, row]));
}

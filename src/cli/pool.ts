// Runs something for many items, a few at a time.

const PLACES = 16;

/** `run` is called for each item as soon as it has a place, which it gives up by `leave` or, at the latest, when it ends. */
export async function runAll<Item, Result>(
  items: readonly Item[],
  run: (item: Item, leave: () => void) => Promise<Result>,
): Promise<Result[]> {
  const queue = items.values();
  const ends: Promise<Result>[] = [];
  const usePlace = async (): Promise<void> => {
    for (const item of queue) {
      await new Promise<void>((leave) => {
        const end = run(item, leave);
        ends.push(end);
        end.then(
          () => leave(),
          () => leave(),
        );
      });
    }
  };
  await Promise.all(Array.from({ length: PLACES }, usePlace));
  return Promise.all(ends);
}

/**
 * Runs `load` for the next item while the current one is in use: at most `depth` loads are under
 * way or waiting, and they arrive in order. An error of `load` arrives at its item.
 */
export async function* prefetch<Item, Loaded>(
  items: Iterable<Item>,
  load: (item: Item) => Promise<Loaded>,
  depth = 2,
): AsyncGenerator<Loaded, void, undefined> {
  const iterator = items[Symbol.iterator]()
  const pending: Promise<Loaded>[] = []
  const fill = () => {
    while (pending.length < depth) {
      const next = iterator.next()
      if (next.done) return
      const loading = load(next.value)
      loading.catch(() => undefined)
      pending.push(loading)
    }
  }
  try {
    for (fill(); pending.length > 0; fill()) yield await pending.shift()!
  } finally {
    iterator.return?.()
  }
}

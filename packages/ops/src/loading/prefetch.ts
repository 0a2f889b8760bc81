/**
 * Loads ahead, with back-pressure: while one item is in use, up to `depth` further ones are loaded or
 * loading, and none beyond; they arrive in order. `load` is called in that order, too, one call after
 * the other. An error of `load` arrives at its item.
 *
 * @param depth 0: an item is loaded when it is asked for
 */
export async function* prefetch<Item, Loaded>(
  items: Iterable<Item>,
  load: (item: Item) => Promise<Loaded>,
  depth = 2,
): AsyncGenerator<Loaded, void, undefined> {
  const iterator = items[Symbol.iterator]()
  const pending: Promise<Loaded>[] = []
  const fill = (count: number) => {
    while (pending.length < count) {
      const next = iterator.next()
      if (next.done) return
      const loading = load(next.value)
      loading.catch(() => undefined)
      pending.push(loading)
    }
  }
  try {
    for (fill(1); pending.length > 0; fill(1)) {
      const next = pending.shift()!
      // Those behind it start now, not only once it has arrived.
      fill(depth)
      yield await next
    }
  } finally {
    iterator.return?.()
  }
}

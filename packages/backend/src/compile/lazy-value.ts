import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { tensorEntries, type TensorEntry } from '../native/tensor-entries.js'

/** An entry whose handle is fetched on its first use. */
export interface LazyEntry extends TensorEntry {
  /** Absent once it has been fetched; `true` when it can't be. */
  lazy?: LazyValue | true
}

/** Fetches values from the session they are in; all that are in it when none are named. */
export type FetchValues = (wanted?: readonly LazyValue[]) => void

/**
 * The value of a variable that lives in a session, as tfjs sees it: a tensor like any other, whose
 * handle is fetched from the session the moment somebody uses it, and not before.
 */
export class LazyValue {
  readonly dataId: object = {}
  readonly #entry: LazyEntry
  #isFetched = false

  /**
   * Gives `variable` this value, as an assignment does.
   *
   * @param fetch called when the value is used; fills it in by {@link fill}. One and the same for all values of a session.
   */
  constructor(
    private readonly backend: NodeJSKernelBackend,
    variable: tf.Variable,
    readonly fetch: FetchValues,
  ) {
    letDisposeLazily(backend)
    const { shape, dtype } = variable
    this.#entry = { shape, dtype: backend.getDTypeInteger(dtype), id: -1, values: null, refCount: 1, lazy: this }
    this.#defineId({
      get: () => {
        fetch()
        return this.#entry.id
      },
    })
    tensorEntries(backend).set(this.dataId, this.#entry)
    const tensor = tf.engine().makeTensorFromTensorInfo({ dataId: this.dataId, shape, dtype })
    variable.assign(tensor as never)
    tensor.dispose()
  }

  /** True once the value has been fetched: from then on it is a plain tensor, and stays what it was. */
  get isFetched(): boolean {
    return this.#isFetched
  }

  /** True when others than the variable hold this value, and must keep it after the next step. */
  get isShared(): boolean {
    return this.#entry.refCount > 1
  }

  /** True when nobody holds it any more. */
  get isGone(): boolean {
    return !tensorEntries(this.backend).has(this.dataId)
  }

  /** Takes over the handle of a fetched tensor, which is used up. */
  fill(fetched: tf.Tensor): void {
    const source = tensorEntries(this.backend).get(fetched.dataId)
    this.#defineId({ value: source.id, writable: true })
    delete this.#entry.lazy
    this.#isFetched = true
    source.id = -1
    fetched.dispose()
  }

  #defineId(descriptor: PropertyDescriptor): void {
    Object.defineProperty(this.#entry, 'id', { ...descriptor, configurable: true, enumerable: true })
  }
}

/** Fetches those of some values that are in a session still: in one run each session, and nothing besides. */
export function fetchTogether(backend: NodeJSKernelBackend, dataIds: readonly object[]): void {
  const wanted = new Map<FetchValues, LazyValue[]>()
  for (const dataId of dataIds) {
    const { lazy } = tensorEntries(backend).get(dataId) as Partial<LazyEntry>
    if (lazy instanceof LazyValue) wanted.set(lazy.fetch, [...(wanted.get(lazy.fetch) ?? []), lazy])
  }
  for (const [fetch, values] of wanted) fetch(values)
}

/** Disposal looks at the handle of a tensor, which is no use of its value: a lazy one goes without being fetched. */
export function letDisposeLazily(backend: NodeJSKernelBackend): void {
  if (Object.hasOwn(backend, 'disposeData')) return
  const disposeData = backend.disposeData.bind(backend)
  backend.disposeData = (dataId, force = false) => {
    const entries = tensorEntries(backend)
    const entry = entries.has(dataId) ? (entries.get(dataId) as Partial<LazyEntry> & TensorEntry) : undefined
    if (!entry?.lazy) return disposeData(dataId, force)
    entry.refCount -= 1
    if (!force && entry.refCount > 0) return false
    entries.delete(dataId)
    return true
  }
}

import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import type { GraphSession } from './graph-session.js'
import { fetchTogether, LazyValue } from './lazy-value.js'
import type { RecordedVariable } from './recorded-graph.js'
import { names } from './session-graph.js'

/** How many values have moved between tfjs and a session. */
export interface Transfers {
  /** From tfjs to the session. */
  pushed: number
  /** From the session to tfjs. */
  pulled: number
}

/**
 * Keeps the variables of a session and those of tfjs the same, moving a value only when it has to:
 * into the session when it was assigned outside since the last step, out of it when somebody uses it.
 */
export class ResidentVariables {
  /** The data id with which a variable of tfjs stands for what the session holds. */
  readonly #synced = new Map<RecordedVariable, object>()
  readonly #lazy = new Map<RecordedVariable, LazyValue>()
  readonly transfers: Transfers = { pushed: 0, pulled: 0 }

  constructor(
    private readonly backend: NodeJSKernelBackend,
    private readonly session: GraphSession,
    private readonly variables: readonly RecordedVariable[],
  ) {}

  /** True when a variable is gone, and with it the sense of the graph. */
  get areDisposed(): boolean {
    return this.variables.some(({ variable }) => variable.isDisposed)
  }

  /** Before a step: brings in what changed outside, and saves values that others still hold. */
  enter(): void {
    if ([...this.#lazy.values()].some((value) => !value.isFetched && value.isShared)) this.pull()
    const changed = this.variables.filter((recorded) => recorded.variable.dataId !== this.#synced.get(recorded))
    if (changed.length === 0) return
    fetchTogether(this.backend, changed.map(({ variable }) => variable.dataId))
    const feeds = new Map(changed.map((recorded) => [names.value(recorded), recorded.variable as tf.Tensor]))
    tf.dispose(this.session.run(feeds, changed.map(names.pushed)))
    this.transfers.pushed += changed.length
    for (const recorded of changed) {
      // A value that the step replaces is left to the session alone, which then need not copy it.
      if (recorded.assigned !== undefined) this.#standFor(recorded)
      else this.#synced.set(recorded, recorded.variable.dataId)
    }
  }

  /** After a step: what it assigned is in the session now. */
  leave(): void {
    for (const recorded of this.variables) {
      if (recorded.assigned === undefined) continue
      const value = this.#lazy.get(recorded)
      if (!value || value.isFetched || recorded.variable.dataId !== value.dataId) this.#standFor(recorded)
    }
  }

  /** Has the variable of tfjs stand for what the session holds. */
  #standFor(recorded: RecordedVariable): void {
    const value = new LazyValue(this.backend, recorded.variable, this.pull)
    this.#lazy.set(recorded, value)
    this.#synced.set(recorded, value.dataId)
  }

  /** Fetches values that tfjs does not have yet, in one run; every one when none are named. */
  readonly pull = (only?: readonly LazyValue[]): void => {
    const wanted = [...this.#lazy].filter(([, value]) => !value.isFetched && !value.isGone && (only?.includes(value) ?? true))
    if (wanted.length === 0) return
    const fetched = tf.engine().tidy(() => this.session.run(new Map(), wanted.map(([recorded]) => names.read(recorded))).map((t) => tf.keep(t)))
    wanted.forEach(([, value], i) => {
      value.fill(fetched[i]!)
    })
    this.transfers.pulled += wanted.length
  }
}

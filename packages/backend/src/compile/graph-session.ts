import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { encodeSavedModel, type NodeMessage } from './graph-messages.js'

/** A TensorFlow session over one graph. Its variables live as long as it does. */
export class GraphSession {
  readonly #id: number
  #isClosed = false

  constructor(
    private readonly backend: NodeJSKernelBackend,
    nodes: readonly NodeMessage[],
  ) {
    // The session comes in through tfjs-node's door for SavedModels, which takes a folder.
    const folder = mkdtempSync(join(tmpdir(), 'metric-learning-step-'))
    try {
      mkdirSync(join(folder, 'variables'))
      writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(nodes))
      this.#id = backend.loadSavedModelMetaGraph(folder, 'serve')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** Runs what `fetches` need; the results belong to the caller, or to the surrounding `tf.tidy`. */
  run(feeds: ReadonlyMap<string, tf.Tensor>, fetches: readonly string[]): tf.Tensor[] {
    const infos = [...feeds].map(([name, { shape, dtype }]) => ({ name: `${name}:0`, shape, dtype, tfDtype: dtype }))
    return this.backend.runSavedModel(
      this.#id,
      [...feeds.values()],
      infos,
      fetches.map((name) => `${name}:0`),
    )
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.backend.binding.deleteSavedModel(this.#id)
  }
}

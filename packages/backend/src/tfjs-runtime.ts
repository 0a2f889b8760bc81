import * as tf from '@tensorflow/tfjs-core'

/**
 * Registers what training needs besides a backend: all gradients, the plain CPU backend, and the `file://` handlers of
 * tfjs-node that save and load models. Safe to call again.
 */
export async function prepareTfjs(): Promise<void> {
  await import('@tensorflow/tfjs')
  // On its first tensor the plain CPU backend advertises tfjs-node; the choice has been made already.
  Object.assign(tf.findBackend('cpu'), { firstUse: false })
  if (tf.io.getLoadHandlers('file://').length === 0) {
    const { nodeFileSystemRouter } = await import('#tfjs-node/io/file_system.js')
    tf.io.registerLoadRouter(nodeFileSystemRouter)
    tf.io.registerSaveRouter(nodeFileSystemRouter)
  }
}

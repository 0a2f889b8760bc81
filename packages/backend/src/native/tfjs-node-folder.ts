import { fileURLToPath } from 'node:url'

/** The parts of `@tensorflow/tfjs-node-gpu` that are used, as they come with this package: its kernels, and the sources of its addon. */
export const tfjsNodeFolder = fileURLToPath(new URL('../../vendor/tfjs-node', import.meta.url))

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '@metric-learning/contracts/cache-folder'

/**
 * Which TensorFlow library: without CUDA, with CUDA and NVIDIA's wheels, or with the CUDA libraries that the machine has already. Those
 * with CUDA also run where there is no GPU.
 */
export type NativeVariant = 'cpu' | 'cuda' | 'system-cuda'

/** All of them; where a GPU plays no part, the first that is installed is taken. */
export const NATIVE_VARIANTS: readonly NativeVariant[] = ['cpu', 'cuda', 'system-cuda']

/** The TensorFlow release whose C library is used; the files in `requirements/` pin its wheels. */
export const tensorflowVersion = '2.21.0'
/** The release of `@tensorflow/tfjs-node-gpu` whose addon is compiled. */
export const tfjsNodeVersion = '4.22.0'
/** The version of Node-API the addon is compiled for; every Node from 16 on has it. */
export const nodeApiVersion = 8

const addonFolder = fileURLToPath(new URL('../../addon', import.meta.url))
const ours = (file: string): string => join(addonFolder, file)

/** What is ours of the addons. */
export const addonSources = {
  quietly: ours('quietly.cc'),
  signals: ours('signals.h'),
  ownMemory: ours('own-memory.h'),
  sessionOptions: ours('session-options.h'),
  neighbours: ['neighbours.cc', 'exact-scores.cc'].map((file) => ours(`neighbours/${file}`)),
  operations: ['kernels.cc', 'operations.cc'].map((file) => ours(`operations/${file}`)),
} as const

/** Where the parts of one variant are, or will be. */
export interface NativeLayout {
  readonly variant: NativeVariant
  /** The cache that holds everything below. */
  readonly cache: string
  /** The pinned wheels. */
  readonly requirements: string
  /** Unpacked wheels: `tensorflow/libtensorflow_cc.so.2` and, for CUDA, `nvidia/…`. */
  readonly library: string
  /** The compiled `tfjs_binding.node`. */
  readonly addon: string
  /** The compiled `quietly.node`, beside it, which keeps the library from writing to standard error as it loads. */
  readonly quietly: string
  /** The compiled `operations.node`, beside it: operations of our own for TensorFlow. */
  readonly operations: string
  /** The compiled `neighbours.node`, beside them, which ranks embeddings on all cores. */
  readonly neighbours: string
}

/**
 * The folders of a variant, named after everything that went into them: versions, processor, the pins of
 * the wheels and our own sources. Other versions get other folders, nothing is ever updated in place.
 */
export function nativeLayout(variant: NativeVariant, cache = cacheFolder()): NativeLayout {
  const requirements = fileURLToPath(new URL(`../../requirements/${variant}-${process.arch}.txt`, import.meta.url))
  const pins = existsSync(requirements) ? fingerprint(requirements) : 'none'
  const tensorflow = `libtensorflow-${tensorflowVersion}-${variant}-${process.arch}-${pins}`
  const sources = fingerprint(...readdirSync(addonFolder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(cc|h)$/.test(file)).map(ours).sort())
  const binding = `tfjs-binding-${tfjsNodeVersion}-napi${nodeApiVersion}-${sources}-${tensorflow}`
  return {
    variant,
    cache,
    requirements,
    library: join(cache, tensorflow),
    addon: join(cache, binding, 'tfjs_binding.node'),
    quietly: join(cache, binding, 'quietly.node'),
    operations: join(cache, binding, 'operations.node'),
    neighbours: join(cache, binding, 'neighbours.node'),
  }
}

/** The first eight digits of a hash over files. */
function fingerprint(...files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 8)
}

/** The layout of the first of some variants that is installed. */
export function firstInstalled(variants: readonly NativeVariant[] = NATIVE_VARIANTS, cache = cacheFolder()): NativeLayout | undefined {
  return variants.map((variant) => nativeLayout(variant, cache)).find(isInstalled)
}

/**
 * Whether native TensorFlow is installed here, with or without CUDA: that what is installed also works, only `useBackend` says.
 *
 * @example await useBackend(nativeIsInstalled() ? 'native-cpu' : 'cpu') // the same values with and without a GPU, and no error unheard
 */
export function nativeIsInstalled(): boolean {
  return firstInstalled() !== undefined
}

/** Whether the library and the addons are in place. Folders appear in one rename, so there is no half of one. */
export function isInstalled(layout: NativeLayout): boolean {
  return [layout.library, layout.addon, layout.quietly, layout.operations, layout.neighbours].every((part) => existsSync(part))
}

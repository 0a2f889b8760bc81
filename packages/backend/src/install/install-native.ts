import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { BackendError } from '@metric-learning/contracts'
import { closedCudaLibraries, listClosed } from '../native/cuda-libraries.js'
import { nvidiaGpus } from '../native/nvidia-gpus.js'
import { howToOpen, whyNoGpu } from '../native/why-no-gpu.js'
import { compileAddons } from './compile-addons.js'
import { downloadWheels } from './download-wheels.js'
import { findCompiler, findPython } from './find-tools.js'
import { withInstallLock } from './install-lock.js'
import { firstInstalled, isInstalled, nativeLayout, tensorflowVersion, type NativeLayout, type NativeVariant } from './native-layout.js'
import { smokeTest } from './smoke-test.js'
import { currentPlatform, wheelPlatforms } from './supported-platform.js'
import { unpackWheels } from './unpack-wheels.js'

/** Options of {@link installNative}. */
export interface InstallOptions {
  /**
   * Unless given: where an NVIDIA GPU is visible one with CUDA, else any; the one that is installed already, if there is one. A new one
   * is `cuda` or `cpu`.
   */
  readonly variant?: NativeVariant
  /** Told in one line what is being done, with sizes and seconds. Default: nobody is. */
  readonly log?: (line: string) => void
  /** Default: see {@link cacheFolder}. */
  readonly cache?: string
}

const megabytes: Record<string, number> = { 'cpu-x64': 274, 'cpu-arm64': 282, 'cuda-x64': 3381, 'system-cuda-x64': 573 }
const temporaryPrefix = 'tmp-'

/**
 * Puts the native TensorFlow backend in place, once per cache: fetches the TensorFlow library (pip, pinned hashes),
 * compiles the addon of tfjs-node-gpu against it and proves it by a convolution with gradients. For `system-cuda` it first opens the
 * CUDA libraries of the machine.
 *
 * Each part is made in a temporary folder and renamed when it is complete, so a set-up that was killed is completed
 * by the next one. Returns at once when everything is there.
 *
 * @returns where the parts are, and whether anything had to be done.
 * @throws {BackendError} one line on what is missing and how to get it.
 */
export async function installNative(options: InstallOptions = {}): Promise<NativeLayout & { readonly fresh: boolean }> {
  const { log = () => undefined, cache } = options
  const layout = options.variant === undefined ? suitableLayout(cache) : nativeLayout(options.variant, cache)
  if (isInstalled(layout)) return { ...layout, fresh: false }
  const platforms = wheelPlatforms(layout.variant, currentPlatform())
  if (layout.variant === 'system-cuda') await expectSystemCuda(layout)
  expectWritable(layout.cache)
  await withInstallLock(
    layout.cache,
    () => log('another set-up is under way; waiting for it'),
    async () => {
      removeLeftovers(layout.cache)
      const temporary = join(layout.cache, `${temporaryPrefix}${process.pid}-${Date.now()}`)
      mkdirSync(temporary)
      try {
        if (isInstalled(layout)) return // while we waited
        if (!existsSync(layout.library)) await installLibrary(layout, platforms, temporary, log)
        await installAddon(layout, temporary, log)
      } finally {
        rmSync(temporary, { recursive: true, force: true })
      }
    },
  )
  return { ...layout, fresh: true }
}

/** For this machine: what is installed already where that serves, else what is to be. */
function suitableLayout(cache?: string): NativeLayout {
  const hasGpu = nvidiaGpus().length > 0 && process.arch === 'x64'
  return firstInstalled(hasGpu ? ['cuda', 'system-cuda'] : undefined, cache) ?? nativeLayout(hasGpu ? 'cuda' : 'cpu', cache)
}

/** The same major versions as TensorFlow was built for: they are part of the names by which it opens libraries. */
async function expectSystemCuda({ library, variant }: NativeLayout): Promise<void> {
  const closed = await closedCudaLibraries()
  if (closed.length === 0) return
  throw new BackendError({
    who: 'native set-up',
    wanted: 'CUDA 12 and cuDNN 9 on this machine',
    got: `libraries that do not open: ${listClosed(closed)}`,
    fix: howToOpen(variant, library),
  })
}

function expectWritable(cache: string): void {
  try {
    mkdirSync(cache, { recursive: true })
    accessSync(cache, constants.W_OK)
  } catch (cause) {
    throw new BackendError({
      who: 'native set-up',
      wanted: `a folder to write to at ${cache}`,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: 'Set METRIC_LEARNING_CACHE to a folder of yours and run the set-up again.',
      cause,
    })
  }
}

/** What killed set-ups left; nobody else works here while we hold the lock. */
function removeLeftovers(cache: string): void {
  for (const name of readdirSync(cache)) {
    if (name.startsWith(temporaryPrefix)) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

async function installLibrary(
  layout: NativeLayout,
  platforms: readonly string[],
  temporary: string,
  log: (line: string) => void,
): Promise<void> {
  const total = megabytes[`${layout.variant}-${process.arch}`] ?? 0
  const python = await findPython()
  await findCompiler() // before a long download, not after it
  const since = stopwatch()
  log(`fetching TensorFlow ${tensorflowVersion} (${layout.variant}, ${total} MB) into ${layout.cache}`)
  const folder = join(layout.cache, 'downloads', basename(layout.library))
  const wheels = await downloadWheels({
    python,
    requirements: layout.requirements,
    platforms,
    folder,
    temporary: join(temporary, 'pip'),
    onProgress: (bytes) => log(`  ${Math.round(bytes / 1e6)} of ${total} MB`),
  })
  log(`fetched and checked in ${since()}; unpacking`)
  const unpacked = join(temporary, basename(layout.library))
  await unpackWheels(python, wheels, unpacked)
  renameSync(unpacked, layout.library)
  rmSync(folder, { recursive: true, force: true })
}

async function installAddon(layout: NativeLayout, temporary: string, log: (line: string) => void): Promise<void> {
  const compiler = await findCompiler()
  const compiling = stopwatch()
  log(`compiling the addon with ${compiler}`)
  // Beside the library, as its final folder will be: the addon looks for the library relative to itself.
  const folder = `${temporary}-addon`
  try {
    await compileAddons(compiler, layout.library, folder)
    log(`compiled in ${compiling()}; testing it`)
    const { device, milliseconds } = await smokeTest(join(folder, basename(layout.addon)), layout.variant !== 'cpu')
    rmSync(dirname(layout.addon), { recursive: true, force: true })
    renameSync(folder, dirname(layout.addon))
    log(`convolution with gradients on the ${device}: ${milliseconds.toFixed(1)} ms`)
    if (layout.variant !== 'cpu' && device === 'CPU') log(`\`cuda\` will not work here yet: ${await whyOnCpu(layout)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function whyOnCpu(layout: NativeLayout): Promise<string> {
  if (nvidiaGpus().length === 0) return "there is no NVIDIA GPU, or its driver (525 or later) isn't there"
  const { got, fix } = await whyNoGpu(layout)
  return `${got}. ${fix}`
}

function stopwatch(): () => string {
  const start = performance.now()
  return () => `${((performance.now() - start) / 1000).toFixed(1)} s`
}

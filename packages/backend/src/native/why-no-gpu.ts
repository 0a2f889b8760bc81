import { howToInstall } from '../install/how-to-install.js'
import type { NativeLayout } from '../install/native-layout.js'
import { closedCudaLibraries, closedLibraries, DRIVER_LIBRARY, listClosed } from './cuda-libraries.js'
import { nvidiaDriver } from './nvidia-gpus.js'

/** The oldest driver that CUDA 12 runs with. */
const OLDEST_DRIVER = 525

/** What stands in the way of TensorFlow on a GPU, and what to do about it. */
export interface Obstacle {
  readonly got: string
  readonly fix: string
}

/** How this machine is looked at; tests put others in. */
export interface Looks {
  readonly closedCuda: typeof closedCudaLibraries
  readonly closed: typeof closedLibraries
  readonly driver: typeof nvidiaDriver
}

const machine: Looks = { closedCuda: closedCudaLibraries, closed: closedLibraries, driver: nvidiaDriver }

/** Why TensorFlow finds no GPU though the driver lists one: libraries that do not open, the driver's own among them, or an old driver. */
export async function whyNoGpu(
  { library, variant }: Pick<NativeLayout, 'library' | 'variant'>,
  { closedCuda, closed, driver }: Looks = machine,
): Promise<Obstacle> {
  const cuda = await closedCuda(library)
  if (cuda.length > 0) return { got: `CUDA libraries that do not open: ${listClosed(cuda)}`, fix: howToOpen(variant, library) }
  const version = driver()
  const old = version !== undefined && Number.parseInt(version, 10) < OLDEST_DRIVER
  if (old) return { got: `NVIDIA's driver ${version}, too old for CUDA 12`, fix: `Install version ${OLDEST_DRIVER} or later of it.` }
  const [ofDriver] = await closed([DRIVER_LIBRARY])
  if (ofDriver) {
    return {
      got: `a driver whose library does not open: ${listClosed([ofDriver])}`,
      fix: "In a container run with `--gpus all` and the capability `compute`; elsewhere install NVIDIA's driver again.",
    }
  }
  return {
    got: `a TensorFlow that finds none, though NVIDIA's driver${version === undefined ? '' : ` ${version}`} is there and all CUDA libraries open`,
    fix: 'Run again with METRIC_LEARNING_TENSORFLOW_LOGS=1, and TensorFlow says why.',
  }
}

/** What to do about libraries that do not open. */
export const howToOpen = (variant: NativeLayout['variant'], library: string): string =>
  variant === 'system-cuda'
    ? `Put their folders into LD_LIBRARY_PATH, or install NVIDIA's wheels: ${howToInstall('--cuda')}`
    : `Remove ${library} and install it again: ${howToInstall('--cuda')}`

import { BackendError } from '@metric-learning/contracts'
import { installNative } from '../install/install-native.js'
import { firstInstalled, type NativeVariant } from '../install/native-layout.js'

const cpuWorks = 'native TensorFlow on the CPU, which is installed.'
const wasmWorks = 'the wasm backend, which needs no set-up and is slower than native TensorFlow.'
const say = (line: string) => console.log(`set-up: ${line}`)

/**
 * Installs the native backend and says what it does, step by step; when everything is there, where, or nothing if that is what is wanted.
 *
 * @param isQuiet says nothing where there is nothing to do
 * @returns the exit code: 0, or 1 when there is no native backend and wasm has to do.
 */
export async function install(variant: NativeVariant | undefined, isQuiet = false): Promise<number> {
  const start = performance.now()
  try {
    const { fresh, library } = await installNative({ log: say, ...(variant && { variant }) })
    if (fresh) say(`native TensorFlow is ready (${((performance.now() - start) / 1000).toFixed(0)} s)`)
    else if (!isQuiet) say(`native TensorFlow is there already, in ${library}`)
    return 0
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    console.error(error.message)
    console.error(`set-up: going on with ${firstInstalled() ? cpuWorks : wasmWorks}`)
    return 1
  }
}

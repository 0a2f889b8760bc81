import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../install/run-command.js'

/**
 * The libraries of CUDA 12 that TensorFlow opens before it takes a GPU, each by this name; without one of them it takes none. By name the
 * folder of NVIDIA's wheels that it comes in.
 */
export const CUDA_LIBRARIES = {
  'libcudart.so.12': 'cuda_runtime',
  'libcublas.so.12': 'cublas',
  'libcublasLt.so.12': 'cublas',
  'libcufft.so.11': 'cufft',
  'libcusolver.so.11': 'cusolver',
  'libcusparse.so.12': 'cusparse',
  'libcudnn.so.9': 'cudnn',
} as const

/** What NVIDIA's driver brings along, and no wheel does. */
export const DRIVER_LIBRARY = 'libcuda.so.1'

/** A library that cannot be opened, and why. */
export interface ClosedLibrary {
  readonly name: string
  /** As the loader puts it: `cannot open shared object file: No such file or directory`. */
  readonly reason: string
}

/**
 * Opens libraries one after the other, and says how each went. Node's loader of addons opens any library, and then complains that it is
 * no addon. They stay open (RTLD_NODELETE), as in TensorFlow, where a later one may need an earlier one.
 */
const PROGRAM = `
const nodelete = 0x1000
for (const path of process.argv.slice(1)) {
  console.log('opening ' + path)
  try {
    process.dlopen({ exports: {} }, path, require('node:os').constants.dlopen.RTLD_LAZY | nodelete)
    console.log('opened')
  } catch ({ message }) {
    console.log(/did not self-register/.test(message) ? 'opened' : 'closed ' + message.split('\\n')[0])
  }
}`

/**
 * Tries to open libraries by their names, or by paths, in a process of its own, since one that does not fit may end the process.
 *
 * @returns those that cannot be opened
 */
export async function closedLibraries(libraries: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<ClosedLibrary[]> {
  if (libraries.length === 0) return []
  const { output, ending, code } = await runCommand(process.execPath, ['-e', PROGRAM, ...libraries], { env })
  const answers = output.split('\n').filter((line) => /^(opened|closed )/.test(line))
  const closed = answers.flatMap((answer, i) => (answer === 'opened' ? [] : [{ name: libraries[i]!, reason: reasonOf(answer, libraries[i]!) }]))
  if (code === 0 && answers.length === libraries.length) return closed
  // One ended the process: those after it have yet to be tried.
  const fatal = { name: libraries[answers.length]!, reason: `opening it ended the process by ${ending}` }
  return [...closed, fatal, ...(await closedLibraries(libraries.slice(answers.length + 1), env))]
}

const reasonOf = (answer: string, library: string): string => {
  const reason = answer.slice('closed '.length)
  return reason.startsWith(`${library}: `) ? reason.slice(library.length + 2) : reason
}

/**
 * Those of {@link CUDA_LIBRARIES} that TensorFlow would not be able to open: each from NVIDIA's wheels in the folder `library`, where they
 * are there, or from where the loader finds it (LD_LIBRARY_PATH, its cache).
 *
 * @param library an unpacked TensorFlow; without one only what the machine has counts
 */
export async function closedCudaLibraries(library?: string, env: NodeJS.ProcessEnv = process.env): Promise<ClosedLibrary[]> {
  const names = Object.keys(CUDA_LIBRARIES) as (keyof typeof CUDA_LIBRARIES)[]
  const paths = names.map((name) => {
    const own = library === undefined ? undefined : join(library, 'nvidia', CUDA_LIBRARIES[name], 'lib', name)
    return own !== undefined && existsSync(own) ? own : name
  })
  const closed = await closedLibraries(paths, env)
  return closed.map(({ name, reason }) => ({ name: names[paths.indexOf(name)]!, reason }))
}

/** Reason by reason: `libcudnn.so.9, libcufft.so.11 (cannot open shared object file: No such file or directory)`. */
export function listClosed(closed: readonly ClosedLibrary[]): string {
  const reasons = [...new Set(closed.map(({ reason }) => reason))]
  const those = (wanted: string) => closed.flatMap(({ name, reason }) => (reason === wanted ? [name] : [])).join(', ')
  return reasons.map((reason) => `${those(reason)} (${reason})`).join('; ')
}

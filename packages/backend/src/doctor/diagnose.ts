import { BackendError } from '@metric-learning/contracts'
import type { BackendInfo } from '../backend-info.js'
import { findCompiler, findPython } from '../install/find-tools.js'
import { howToInstall } from '../install/how-to-install.js'
import { firstInstalled, isInstalled, nativeLayout, NATIVE_VARIANTS, nodeApiVersion, tensorflowVersion, tfjsNodeVersion } from '../install/native-layout.js'
import { runCommand } from '../install/run-command.js'
import { closedCudaLibraries, CUDA_LIBRARIES, listClosed } from '../native/cuda-libraries.js'
import { requireNeighbours } from '../native/require-addon.js'
import { nvidiaGpus } from '../native/nvidia-gpus.js'
import { howToOpen } from '../native/why-no-gpu.js'
import type { Diagnosis, Finding } from './finding.js'
import { tfjsCopies } from './tfjs-copies.js'
import { tryBackend } from './try-backend.js'

/**
 * Looks at everything that training depends on, from Node to a timed convolution on each backend.
 *
 * @param folder the project whose copies of tfjs are counted
 * @param trial starts a backend in a process of its own and times it there
 */
export async function diagnose(folder = process.cwd(), trial = tryBackend): Promise<Diagnosis> {
  const gpus = nvidiaGpus()
  const findings: Finding[] = [
    node(),
    await npm(),
    tfjs(folder),
    await tool('Python with pip', findPython),
    await tool('C++ compiler', findCompiler),
    ...nativeParts(),
    gpu(gpus),
    await cudaLibraries(gpus),
  ]
  const names: BackendInfo['name'][] = ['cuda', 'native-cpu', 'wasm', 'cpu']
  const backends: Finding[] = []
  for (const name of names) backends.push(await backend(name, gpus, trial)) // one after the other: they are timed
  findings.push(...backends)
  const works = (name: string) => backends.some((finding) => finding.name === name && finding.status === 'ok')
  return {
    findings,
    auto: names.find(works),
    healthy: names.slice(0, 3).some(works) && findings.every(({ status }) => status !== 'broken'),
  }
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const recent = major > 20 || (major === 20 && minor >= 19)
  const detail = process.versions.node
  return recent
    ? { name: 'Node', status: 'ok', detail }
    : { name: 'Node', status: 'broken', detail, fix: 'Install Node 20.19 or later.' }
}

async function npm(): Promise<Finding> {
  const { code, output } = await runCommand('npm', ['--version'])
  return code === 0
    ? { name: 'npm', status: 'ok', detail: output.trim() }
    : { name: 'npm', status: 'missing', detail: 'not on the PATH', fix: 'It comes with Node.' }
}

function tfjs(folder: string): Finding {
  const copies = tfjsCopies(folder)
  const name = 'TensorFlow.js'
  const places = copies.map(({ version, folder }) => `${version} in ${folder}`).join(', ')
  if (copies.length === 1) return { name, status: 'ok', detail: `${copies[0]!.version}, one copy` }
  return copies.length === 0
    ? { name, status: 'broken', detail: 'not installed', fix: 'Run `npm install @tensorflow/tfjs`.' }
    : {
        name,
        status: 'broken',
        detail: `${copies.length} copies, which do not share tensors: ${places}`,
        fix: 'Ask for one version everywhere (`npm ls @tensorflow/tfjs-core`), then `npm dedupe`.',
      }
}

async function tool(name: string, find: () => Promise<string>): Promise<Finding> {
  try {
    return { name, status: 'ok', detail: await find() }
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    return { name, status: 'absent', detail: `${error.parts.got} (needed for the set-up only)` }
  }
}

function nativeParts(): Finding[] {
  const installed = NATIVE_VARIANTS.filter((variant) => isInstalled(nativeLayout(variant)))
  const { cache } = nativeLayout('cpu')
  return installed.length > 0
    ? [
        { name: 'libtensorflow', status: 'ok', detail: `${tensorflowVersion} (${installed.join(' and ')}) in ${cache}` },
        { name: 'addon', status: 'ok', detail: `tfjs-node-gpu ${tfjsNodeVersion}, Node-API ${nodeApiVersion}; with operations of our own` },
        neighbours(nativeLayout(installed[0]!).neighbours),
      ]
    : [{ name: 'libtensorflow', status: 'missing', detail: `not in ${cache}`, fix: howToInstall() }]
}

/** Whether evaluations rank embeddings on all cores. */
function neighbours(addon: string): Finding {
  const name = 'addon for evaluations'
  try {
    requireNeighbours(addon)
    return { name, status: 'ok', detail: 'opens; neighbours, ranks and clusters on all cores' }
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    return { name, status: 'broken', detail: error.parts.got, fix: error.parts.fix }
  }
}

function gpu(gpus: readonly string[]): Finding {
  return gpus.length > 0
    ? { name: 'NVIDIA GPU', status: 'ok', detail: gpus.join(', ') }
    : { name: 'NVIDIA GPU', status: 'absent', detail: 'none visible' }
}

/** Those that TensorFlow would open, opened: that a folder is there says little. Without a GPU they are of no use, and may stay closed. */
async function cudaLibraries(gpus: readonly string[]): Promise<Finding> {
  const name = 'CUDA libraries'
  const layout = firstInstalled(['cuda', 'system-cuda'])
  if (layout === undefined) {
    return gpus.length > 0
      ? { name, status: 'missing', detail: 'not installed', fix: howToInstall('--cuda') }
      : { name, status: 'absent', detail: 'not installed, of no use without a GPU' }
  }
  const closed = await closedCudaLibraries(layout.library)
  const whose = layout.variant === 'cuda' ? 'installed' : 'of this machine'
  if (closed.length === 0) return { name, status: 'ok', detail: `${whose}, all ${Object.keys(CUDA_LIBRARIES).length} open` }
  const detail = `${whose}, but ${closed.length} of ${Object.keys(CUDA_LIBRARIES).length} do not open: ${listClosed(closed)}`
  return gpus.length > 0
    ? { name, status: 'broken', detail, fix: howToOpen(layout.variant, layout.library) }
    : { name, status: 'absent', detail: `${detail}; of no use without a GPU` }
}

async function backend(name: BackendInfo['name'], gpus: readonly string[], start: typeof tryBackend): Promise<Finding> {
  const possible = {
    cuda: gpus.length > 0 && firstInstalled(['cuda', 'system-cuda']) !== undefined,
    'native-cpu': firstInstalled() !== undefined,
    wasm: true,
    cpu: true,
  }[name]
  if (!possible) return { name, status: 'absent', detail: 'not available, see above' }
  const trial = await start(name)
  return trial.works
    ? { name, status: 'ok', detail: `${trial.milliseconds.toFixed(1).padStart(7)} ms for a convolution with gradients on ${trial.device}` }
    : { name, status: 'broken', detail: trial.reason }
}

import { BackendError } from '@metric-learning/contracts'
import type { BackendInfo } from '../backend-info.js'
import { findCompiler, findPython } from '../install/find-tools.js'
import { howToInstall } from '../install/how-to-install.js'
import { isInstalled, nativeLayout, nodeApiVersion, tensorflowVersion, tfjsNodeVersion } from '../install/native-layout.js'
import { runCommand } from '../install/run-command.js'
import { nvidiaGpus } from '../native/nvidia-gpus.js'
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
    ...nativeParts(gpus),
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

function nativeParts(gpus: readonly string[]): Finding[] {
  const [cpu, cuda] = [nativeLayout('cpu'), nativeLayout('cuda')]
  const installed = [cpu, cuda].filter(isInstalled)
  const variants = installed.map(({ variant }) => variant).join(' and ')
  const native: Finding[] =
    installed.length > 0
      ? [
          { name: 'libtensorflow', status: 'ok', detail: `${tensorflowVersion} (${variants}) in ${cpu.cache}` },
          { name: 'addon', status: 'ok', detail: `tfjs-node-gpu ${tfjsNodeVersion}, Node-API ${nodeApiVersion}` },
        ]
      : [{ name: 'libtensorflow', status: 'missing', detail: `not in ${cpu.cache}`, fix: howToInstall() }]
  const gpu: Finding =
    gpus.length > 0
      ? { name: 'NVIDIA GPU', status: 'ok', detail: gpus.join(', ') }
      : { name: 'NVIDIA GPU', status: 'absent', detail: 'none visible' }
  const libraries: Finding = isInstalled(cuda)
    ? { name: 'CUDA libraries', status: 'ok', detail: 'installed' }
    : gpus.length > 0
      ? { name: 'CUDA libraries', status: 'missing', detail: 'not installed', fix: howToInstall('--cuda') }
      : { name: 'CUDA libraries', status: 'absent', detail: 'not installed, of no use without a GPU' }
  return [...native, gpu, libraries]
}

async function backend(name: BackendInfo['name'], gpus: readonly string[], start: typeof tryBackend): Promise<Finding> {
  const possible = {
    cuda: gpus.length > 0 && isInstalled(nativeLayout('cuda')),
    'native-cpu': isInstalled(nativeLayout('cpu')) || isInstalled(nativeLayout('cuda')),
    wasm: true,
    cpu: true,
  }[name]
  if (!possible) return { name, status: 'absent', detail: 'not available, see above' }
  const trial = await start(name)
  return trial.works
    ? { name, status: 'ok', detail: `${trial.milliseconds.toFixed(1).padStart(7)} ms for a convolution with gradients on ${trial.device}` }
    : { name, status: 'broken', detail: trial.reason }
}

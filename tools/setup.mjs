// `npm run setup`: everything that a fresh clone needs. Quick and quiet when it is all there.
// Plain Node without dependencies, since it installs them.
import { spawnSync } from 'node:child_process'
import { markInstalled, neededNode, packagesAreInstalled, root } from './installed-packages.mjs'
import { vendorTfjsNode } from './vendor-tfjs-node.mjs'

const usage = `Usage: npm run setup [-- options]

  --cuda            the TensorFlow library with CUDA (3.4 GB), also where no NVIDIA GPU is visible
  --system-cuda     the one for the CUDA 12 and cuDNN 9 that this machine has already (573 MB), which are opened first
  --cpu             the one without CUDA, also where there is a GPU
  --require-native  fail when native TensorFlow cannot be installed; otherwise the slower wasm backend is used
  --packages-only   npm packages only
  --help            this text`

const flags = process.argv.slice(2)
const known = ['--cuda', '--system-cuda', '--cpu', '--require-native', '--packages-only', '--help']
const unknown = flags.find((flag) => !known.includes(flag))
if (unknown !== undefined) fail(`unknown option ${unknown}\n\n${usage}`)
if (flags.includes('--help')) {
  console.log(usage)
  process.exit(0)
}

const needed = neededNode()
if (needed) fail(`Node ${needed} or later is needed, this is ${process.versions.node}: see https://nodejs.org/en/download`)

if (!packagesAreInstalled()) {
  const start = performance.now()
  console.log('set-up: installing npm packages (npm ci)')
  const { status, signal, error } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) fail(error ? `npm could not be started (${error.message}); it comes with Node` : `npm ci ${signal ? `was ended by signal ${signal}` : 'failed; see above'}`)
  markInstalled()
  console.log(`set-up: npm packages installed in ${((performance.now() - start) / 1000).toFixed(0)} s`)
}

vendorTfjsNode()

if (!flags.includes('--packages-only')) {
  const install = ['packages/backend/src/cli/metric-learning-backend.ts', 'install', '--quiet', ...flags.filter((flag) => /^--(cuda|system-cuda|cpu)$/.test(flag))]
  const { status, signal } = spawnSync(process.execPath, ['--import', 'tsx', '--conditions=@metric-learning/source', ...install], {
    cwd: root,
    stdio: 'inherit',
  })
  if (signal) console.error(`set-up: the set-up of native TensorFlow was ended by signal ${signal}`)
  if (status !== 0 && flags.includes('--require-native')) process.exit(1)
}

function fail(message) {
  console.error(`set-up: ${message}`)
  process.exit(1)
}

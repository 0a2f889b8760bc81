// `npm run doctor`: what is there, what is missing, and how fast each backend is. Works before the set-up, too.
import { spawnSync } from 'node:child_process'
import { neededNode, packagesAreInstalled, root } from './installed-packages.mjs'

const needed = neededNode()
if (needed || !packagesAreInstalled()) {
  console.log(needed ? `✗ Node          ${process.versions.node}\n  → Install Node ${needed} or later.` : `✓ Node          ${process.versions.node}`)
  console.log('✗ npm packages  missing, or other than package-lock.json asks for\n  → Run `npm run setup`.')
  process.exit(1)
}
const doctor = ['packages/backend/src/cli/metric-learning-backend.ts', 'doctor', ...process.argv.slice(2)]
const { status, signal } = spawnSync(process.execPath, ['--import', 'tsx', '--conditions=@metric-learning/source', ...doctor], {
  cwd: root,
  stdio: 'inherit',
})
if (signal) console.error(`The doctor was ended by signal ${signal}`)
process.exitCode = status ?? 1

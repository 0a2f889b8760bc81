// `npm run quickstart`: sets up, then runs examples/quickstart from its sources.
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const help = process.argv.some((argument) => argument === '--help' || argument === '-h')

const setup = spawnSync(process.execPath, ['tools/setup.mjs', ...(help ? ['--packages-only'] : [])], { cwd: root, stdio: 'inherit' })
if (setup.status !== 0) process.exit(setup.status ?? 1)

const child = spawn(
  process.execPath,
  ['--import', 'tsx', '--conditions', '@metric-learning/source', 'examples/quickstart/src/main.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
)
// Ctrl-C reaches the child by itself, which then stops cleanly and writes its report.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal ? 1 : 0)
})

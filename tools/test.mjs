// `npm test`: sets up, then type checks, lints and tests everything; ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { root } from './installed-packages.mjs'

const results = `${root}node_modules/.cache/test-results.json`
const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' }

if (process.argv.some((arg) => arg === '--help' || arg === '-h')) {
  console.log(`Usage: npm test [-- arguments of vitest]

Sets up, type checks and lints all projects, and runs their tests, or those that the arguments choose (\`packages/core/\`).
Ends with \`N passed, N failed\`. METRIC_LEARNING_BACKEND names the backend: native-cpu (default), cuda, wasm or cpu.
METRIC_LEARNING_REQUIRE_ALL_CHECKS=1 has checks of plugin-testkit fail that the backend can't run, as for a release.
METRIC_LEARNING_TEST_WORKERS says how many test files run at a time; default one for each processor, as far as memory goes.
METRIC_LEARNING_PYTHON=1 adds \`npm run check:saved-model\`, which makes an environment with TensorFlow for Python (1.5 GB).`)
  process.exit(0)
}

/** Runs a command in the foreground and says whether it succeeded. */
function run(title, command, args) {
  console.log(`\n── ${title}`)
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env }).status === 0
}

if (!run('set-up', process.execPath, ['tools/setup.mjs'])) process.exit(1)
rmSync(results, { force: true })
const checks = [
  ...(env.METRIC_LEARNING_PYTHON === '1' ? [run('exported networks in Python', 'npm', ['run', '--silent', 'check:saved-model'])] : []),
  // All in one process each: 60 projects one by one take five times as long. The first leaves the graph of projects that the linter wants.
  run('references between projects', 'npx', ['nx', 'sync:check']),
  run('type checks', 'npx', ['tsc', '--build']),
  run('lint', 'npx', ['eslint', '.']),
  run('what nothing uses', 'npx', ['knip', '--no-progress', '--no-config-hints']),
  run('picture of the rooms', process.execPath, ['tools/draw-rooms.mjs', '--check']),
  run('tests', 'npx', ['vitest', 'run', '--config', 'vitest.all.ts', ...process.argv.slice(2)]),
]

let counts
try {
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numFailedTestSuites: suites } = JSON.parse(
    readFileSync(results, 'utf8'),
  )
  counts = { passed, failed: Math.max(failed, suites > 0 && failed === 0 ? suites : failed), skipped }
} catch {
  counts = { passed: 0, failed: 1, skipped: 0 }
}
const broken = checks.filter((ok) => !ok).length
const failed = counts.failed > 0 ? counts.failed : broken
console.log(`\n${counts.passed} passed, ${failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`)
process.exitCode = broken > 0 || failed > 0 ? 1 : 0

import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { root } from './installed-packages.mjs'

/** Sets up, and ends this process where that fails. `flags` are those of tools/setup.mjs. */
export function setUp(...flags) {
  const { status } = spawnSync(process.execPath, ['tools/setup.mjs', ...flags], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/**
 * Runs a TypeScript program of the checkout from its sources, in place of this process: its exit code becomes this one's. Where a signal
 * ended it, as where TensorFlow itself fails, that is said in a line, and the code is that of shells, 128 and the signal's number.
 *
 * @param program path from the root of the checkout
 * @param args of the program
 * @param options.imports further modules that are loaded first
 * @param options.env added to the environment
 */
export function runProgram(program, args, { imports = [], env = {} } = {}) {
  const loaders = ['--conditions', '@metric-learning/source', ...['tsx', ...imports].flatMap((name) => ['--import', name])]
  const child = spawn(process.execPath, [...loaders, program, ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  // Ctrl-C reaches the child by itself, which then may stop in order.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
    if (signal !== null) console.error(`${program} was ended by signal ${signal}`)
  })
}

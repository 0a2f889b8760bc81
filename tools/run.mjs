// `node tools/run.mjs [--packages-only] PROGRAM [options]`: sets up, then runs a TypeScript program of the checkout.
// With --packages-only, or when the program is only asked for its --help, without native TensorFlow.
import { spawnSync } from 'node:child_process'
import { root } from './installed-packages.mjs'
import { runProgram } from './run-program.mjs'

const flag = '--packages-only'
const given = process.argv.slice(2)
const [program, ...args] = given[0] === flag ? given.slice(1) : given
const isHelp = args.some((arg) => arg === '--help' || arg === '-h')

const setup = ['tools/setup.mjs', ...(isHelp || given[0] === flag ? [flag] : [])]
const { status } = spawnSync(process.execPath, setup, { cwd: root, stdio: 'inherit' })
if (status === 0) runProgram(program, args)
else process.exitCode = status ?? 1

// `node tools/run.mjs [--packages-only] PROGRAM [options]`: sets up, then runs a TypeScript program of the checkout.
// With --packages-only, or when the program is only asked for its --help, without native TensorFlow.
import { runProgram, setUp } from './run-program.mjs'

const flag = '--packages-only'
const given = process.argv.slice(2)
const [program, ...args] = given[0] === flag ? given.slice(1) : given
const isHelp = args.some((arg) => arg === '--help' || arg === '-h')

setUp(...(isHelp || given[0] === flag ? [flag] : []))
runProgram(program, args)

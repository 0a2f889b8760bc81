// `npm run parity -- [FOLDER]`: sets up, then compares every module with fixtures of PyTorch Metric Learning.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { root } from './installed-packages.mjs'

const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
// npm runs scripts in the folder of package.json; a folder is meant from where the command was typed.
const from = process.env.INIT_CWD ?? process.cwd()
const args = process.argv.slice(2).map((arg) => (arg.startsWith('-') ? arg : resolve(from, arg)))
process.exitCode =
  run('tools/setup.mjs') || run('--import', 'tsx', '--conditions=@metric-learning/source', 'tools/parity/src/main.ts', ...args)

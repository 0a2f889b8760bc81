// `npm run try -- FILE`: sets up, then runs a TypeScript program of one's own that lies in the checkout.
import { realpathSync, statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { root } from './installed-packages.mjs'
import { runProgram, setUp } from './run-program.mjs'

const usage = `Usage: npm run try -- <file> [options of the program]

Sets up, then runs a TypeScript or JavaScript file anywhere in the checkout, with all packages from their sources.
It runs in the root of the checkout: \`runs/mine\` is the folder of that name there. Types are not checked.

npm run try -- mine/first.ts`

const [file, ...args] = process.argv.slice(2)
if (file === '--help' || file === '-h') end(0, usage)
if (file === undefined || file.startsWith('-')) end(1, `try: ${file === undefined ? 'no file' : `unknown option ${file}`}\n\n${usage}`)

// npm starts this in the root of the checkout, and tells from where it was called.
const path = resolve(process.env.INIT_CWD ?? '.', file)
if (!statSync(path, { throwIfNoEntry: false })?.isFile()) end(1, `try: no file ${path}`)
const program = relative(realpathSync(root), realpathSync(path))
if (program.startsWith('../')) end(1, `try: ${path} is outside the checkout, where programs find no packages: put it into ${root}, or see README.md, "A program of your own"`)

setUp()

runProgram(program, args)

function end(code, text) {
  ;(code === 0 ? console.log : console.error)(text)
  process.exit(code)
}

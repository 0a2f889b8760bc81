// `npm run profile -- <example>`: sets up, then runs an example under the profiler, and says where its time goes.
import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from './installed-packages.mjs'
import { runProgram, setUp } from './run-program.mjs'

const examples = readdirSync(`${root}examples`).filter((name) => existsSync(`${root}examples/${name}/src/main.ts`))
const usage = `Usage: npm run profile -- [options] <example> [options of the example]

  --eager          without compiled steps, so that each operation of a step is seen
  --trace <file>   where the timeline goes (default: runs/profile/<example>.json)
  --help           this text

Examples: ${examples.join(', ')}
npm run profile -- quickstart --epochs 1 --loss triplet`

const args = process.argv.slice(2)
let eager = false
let trace
while (args[0]?.startsWith('-')) {
  const option = args.shift()
  if (option === '--eager') eager = true
  else if (option === '--trace' && args.length > 0) trace = args.shift()
  else if (option === '--help' || option === '-h') end(0, usage)
  else end(1, `profile: unknown option ${option}\n\n${usage}`)
}
const [example, ...exampleArgs] = args
if (!examples.includes(example)) end(1, `profile: ${example === undefined ? 'no example' : `no example "${example}"`}\n\n${usage}`)

setUp()

runProgram(`examples/${example}/src/main.ts`, exampleArgs, {
  imports: [`${root}plugins/profiler/src/profile-process.ts`],
  env: {
    METRIC_LEARNING_PROFILE: trace === undefined ? `${root}runs/profile/${example}.json` : resolve(process.env.INIT_CWD ?? '.', trace),
    METRIC_LEARNING_PROFILE_EAGER: eager ? '1' : '0',
  },
})

function end(code, text) {
  ;(code === 0 ? console.log : console.error)(text)
  process.exit(code)
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runProcess } from '@metric-learning/peer'
import { root } from './published-packages.js'

/** Who installs the packages: in an empty folder, with a home of their own. */
export interface Stranger {
  /** Where they work; is made. */
  readonly folder: string
  /** Their registry. */
  readonly registry: string
  /** The command that installs, such as `['npm', 'install']`; each with its defaults. */
  readonly install: readonly string[]
  /** Their `node`. */
  readonly node: string
  /** Where TensorFlow's library is, or will be. */
  readonly cache: string
  /** Told what is done, and how long it took. */
  readonly say: (line: string) => void
}

/** The first program of the README, on few drawings. */
export function firstProgram(): string {
  const [, code = ''] = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  const short = code
    .replace("quickDraw({ split: 'train' })", "quickDraw({ split: 'train', samplesPerClass: 4 })")
    .replace("quickDraw({ split: 'test' })", "quickDraw({ split: 'test', samplesPerClass: 3 })")
    .replace(/epochs: \d+/, 'epochs: 1')
  if (!short.includes('samplesPerClass: 4') || !short.includes('epochs: 1')) throw new Error('The first program of README.md is another one than is shortened here.')
  return short
}

/**
 * Does what the README says: installs `metric-learning`, installs the backend, asks the doctor, trains. Fails where a step does.
 *
 * @returns what the program printed
 */
export async function followsReadme({ folder, registry, install, node, cache, say }: Stranger): Promise<string> {
  const home = join(folder, 'home')
  const project = join(folder, 'project')
  for (const place of [home, project]) mkdirSync(place, { recursive: true })
  writeFileSync(join(project, '.npmrc'), `registry=${registry}\n`) // npm, pnpm and yarn read it
  const env = { HOME: home, METRIC_LEARNING_CACHE: cache, PATH: `${dirname(node)}:${process.env['PATH'] ?? ''}`, INIT_CWD: project, NODE_OPTIONS: '', npm_config_ignore_scripts: 'false', npm_config_userconfig: join(home, '.npmrc') }
  const step = async (what: string, command: readonly string[]) => {
    const start = performance.now()
    const lines: string[] = []
    const printed = await runProcess(command[0]!, command.slice(1), { cwd: project, env, seconds: 600, onLine: (line) => void lines.push(line) }).catch((error: unknown) => {
      say(`  ${what} failed:\n${lines.slice(-20).join('\n')}`)
      throw error
    })
    say(`  ${((performance.now() - start) / 1000).toFixed(1).padStart(5)} s  ${what}`)
    return printed
  }
  await step(`${install.join(' ')} metric-learning`, [...install, 'metric-learning'])
  const command = [node, join(project, 'node_modules/metric-learning/dist/cli/metric-learning.js')]
  // Before the set-up: it works all the same, and says what would help.
  const early = join(project, 'early.mjs')
  writeFileSync(early, "import { useBackend } from 'metric-learning'\nawait useBackend('auto', { log: console.log })\n")
  const line = await runProcess(node, [early], { cwd: project, env: { ...env, METRIC_LEARNING_CACHE: join(folder, 'no-cache') } })
  if (!/^Backend: wasm .*Run `npx metric-learning install`\.\n$/.test(line)) throw new Error(`Wanted one line that names the command which installs the backend, got: ${line}`)
  await step('npx metric-learning install', [...command, 'install', '--cpu'])
  await step('npx metric-learning doctor', [...command, 'doctor'])
  writeFileSync(join(project, 'first.mjs'), firstProgram())
  return step('node first.mjs', [node, 'first.mjs'])
}

/** A program that uses types of every entry, and compiles without `skipLibCheck` as far as tfjs does. */
export function typedProgram(entries: readonly string[]): string {
  return entries.map((entry, i) => `import * as part${i} from '${entry}'\n`).join('') + `export const all = [${entries.map((_, i) => `part${i}`).join(', ')}]\n`
}

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { mutatedSuites } from '../fixtures/mutated-suites.js'
import { checksOf } from './conformance.js'

interface Results {
  readonly testResults: readonly { readonly message?: string; readonly assertionResults: readonly Result[] }[]
}
interface Result {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = new URL('../README.md', import.meta.url)

describe.each(mutatedSuites)('$suite', ({ suite, checks, mutants }) => {
  /** What became of the checks of a mutant, or of the sound one. */
  const resultsOf = (mutant: string) => results.filter(({ ancestorTitles }) => ancestorTitles[0] === `${suite}, ${mutant}`)
  const failuresOf = (mutant: string) => resultsOf(mutant).filter(({ status }) => status === 'failed')
  /** A check is run for several parameters, and skipped where the backend can't run it. */
  const isOf = (check: string) => ({ title }: Result) => title === checks[check]!.title || title.startsWith(`${checks[check]!.title}: `) || title.startsWith(`${checks[check]!.title} (`)
  const isSkipped = (mutant: string, check: string) => resultsOf(mutant).some((result) => isOf(check)(result) && result.status !== 'passed' && result.status !== 'failed')

  it('passes what is sound', () => {
    expect(resultsOf('sound').length).toBeGreaterThanOrEqual(Object.keys(checks).length - 4)
    expect(failuresOf('sound').map(({ title, failureMessages }) => [title, ...failureMessages])).toEqual([])
  })

  it.each(Object.entries(mutants))('%s finds its mutant', (check, { says, also = [] }) => {
    const failures = failuresOf(check)
    const failed = Object.keys(checks).filter((of) => failures.some(isOf(of)))
    const expected = [check, ...also].filter((of) => !isSkipped(check, of))
    expect(failed.sort()).toEqual(expected.sort())
    if (isSkipped(check, check)) return
    const messages = failures.filter(isOf(check)).flatMap(({ failureMessages }) => failureMessages)
    expect(messages.join('\n')).toContain(says)
    expect(messages.join('\n')).toContain(`Look at ${checks[check]!.look}`)
  })
})

describe('METRIC_LEARNING_REQUIRE_ALL_CHECKS', () => {
  const statusesOf = (suite: string) => results.filter(({ ancestorTitles }) => ancestorTitles[0] === suite).map(({ title, status }) => [title, status])

  it('has checks fail that the backend cannot run, and leaves those alone that do not apply', () => {
    const left = ['is left out (skipped: it is no part of this)', 'skipped']
    expect(statusesOf('not required')).toEqual([['applies', 'passed'], ["lacks a backend (can't run here: the backend compiles no steps)", 'skipped'], left])
    expect(statusesOf('required')).toEqual([['applies', 'passed'], ['lacks a backend', 'failed'], left])
    const [message] = results.filter(({ title }) => title === 'lacks a backend').flatMap(({ failureMessages }) => failureMessages)
    expect(message).toContain("can't run here: the backend compiles no steps. METRIC_LEARNING_REQUIRE_ALL_CHECKS is set, so that nothing passes untried")
  })

  it('knows the checks of a suite that may be skipped', () => {
    expect(() => checksOf('describeToy', { applies: { title: 'applies', look: 'it.' } }, { aplies: 'no' } as never)).toThrow('describeToy, skip: wanted only the options applies, got `aplies`')
  })
})

it('has the list of checks, mutants and messages in its README', async () => {
  const text = readFileSync(readme, 'utf8')
  const [before, rest = ''] = text.split(BEGIN)
  const [, after = ''] = rest.split(END)
  await expect(`${before}${BEGIN}\n${tables()}${END}${after}`).toMatchFileSnapshot(fileURLToPath(readme))
})

const BEGIN = '<!-- checks -->'
const END = '<!-- end of checks -->'
const cell = (text: string): string => text.replaceAll('|', '\\|')
const tables = (): string =>
  mutatedSuites
    .map(({ suite, checks, mutants }) => {
      const rows = Object.entries(mutants).map(([check, { fault, says }]) => `| \`${check}\` | ${cell(checks[check]!.title)} | ${cell(fault)} | ${cell(`… ${says} …`)} |`)
      return `\n### ${suite}\n\n| check | holds where it passes | mutant that it finds | and says |\n|---|---|---|---|\n${rows.join('\n')}\n`
    })
    .join('')

let results: readonly Result[] = []
beforeAll(() => {
  const args = ['vitest', 'run', '--root', root, '--config', 'fixtures/vitest.config.ts', '--reporter', 'json']
  const { stdout, stderr } = spawnSync('npx', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 })
  const start = stdout.indexOf('{')
  if (start === -1) throw new Error(`vitest said nothing: ${stderr}`)
  const { testResults } = JSON.parse(stdout.slice(start)) as Results
  const message = testResults.map(({ message: of }) => of).find(Boolean)
  if (message) throw new Error(message)
  results = testResults.flatMap(({ assertionResults }) => assertionResults)
}, 300_000)

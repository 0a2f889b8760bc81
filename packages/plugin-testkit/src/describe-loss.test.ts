import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

interface Results {
  readonly testResults: readonly { readonly assertionResults: readonly { ancestorTitles: string[]; title: string; status: string }[] }[]
}

const root = fileURLToPath(new URL('..', import.meta.url))

describe('describeLoss', () => {
  const failed = new Map<string, string[]>()

  beforeAll(() => {
    const args = ['vitest', 'run', '--root', root, '--config', 'fixtures/vitest.config.ts', '--reporter', 'json']
    const { stdout } = spawnSync('npx', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
    const { testResults } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Results
    for (const { ancestorTitles, title, status } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
      const titles = failed.get(ancestorTitles[0]!) ?? []
      failed.set(ancestorTitles[0]!, status === 'failed' ? [...titles, title] : titles)
    }
  }, 120_000)

  it.each([
    ['none', []],
    ['gradient', ['has the gradient that differences give']],
    ['permutation', ['does not depend on the order of the batch']],
    ['zeroVectors', ['is finite, gradient included, on zero vectors']],
    ['notFinite', ['names itself and its input where an embedding is NaN or infinite']],
    ['leaks', ['leaves no tensor behind in 100 calls']],
    ['hostReads', ['reads nothing back from the device']],
  ])('finds a fault in: %s', (fault, titles) => {
    expect(failed.get(fault)).toEqual(titles)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

interface Manifest {
  readonly name: string
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

const folders = ['packages', 'plugins'].flatMap((kind) => readdirSync(new URL(kind, root)).map((name) => `${kind}/${name}`))

/** What the first install line of a README names, without versions. */
function installed(readme: string): readonly string[] {
  const [, rest = ''] = /^npm install (.+)$/m.exec(readme) ?? []
  return rest.split(' ').filter((word) => !word.startsWith('-')).map((word) => word.replace(/(?<=.)@[^/]*$/, ''))
}

describe('The install line of a README', () => {
  it.each(folders)('of %s names the package and what it wants beside it', (folder) => {
    const { name, peerDependencies = {}, peerDependenciesMeta = {} } = JSON.parse(read(`${folder}/package.json`)) as Manifest
    const wanted = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional)
    expect(installed(read(`${folder}/README.md`))).toEqual(expect.arrayContaining([name, ...wanted]))
  })

  // Of `vitest` alone, and of `vitest@4`, npm 10 says "Cannot read properties of null".
  it.each(['packages/plugin-testkit/README.md', 'docs/first-hour/own-loss.md'])('of %s names the Vitest that this project is tested with', (page) => {
    const { devDependencies } = JSON.parse(read('package.json')) as { readonly devDependencies: Readonly<Record<string, string>> }
    const [, version] = /npm install --save-dev .*\bvitest@([\d.]+)/.exec(read(page)) ?? []
    expect(version).toBe(devDependencies['vitest'])
  })
})

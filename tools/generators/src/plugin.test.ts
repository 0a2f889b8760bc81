import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTree } from '@nx/devkit/testing'
import type { Tree } from '@nx/devkit'
import { expect, it, onTestFinished, vi } from 'vitest'

// Nx loads a generator as JavaScript.
const { default: plugin } = (await import(fileURLToPath(new URL('./plugin.mjs', import.meta.url)))) as { readonly default: (tree: Tree, options: { name: string; kind: string }) => Promise<() => void> }

function checkout(): Tree {
  const tree = createTree()
  tree.write('README.md', '# x\n\n## Packages\n\n| package | what |\n|---|---|\n| [`a`](a) | b |\n\n## Commands\n')
  return tree
}

it('writes a plugin of this repository, and its row', async () => {
  const tree = checkout()
  await plugin(tree, { name: 'quick-reducer', kind: 'reducer' })
  const files = tree.listChanges().map(({ path }) => path).filter((path) => path.startsWith('plugins/')).sort()
  expect(files).toEqual(['README.md', 'package.json', 'src/index.ts', 'src/quick-reducer.test.ts', 'src/quick-reducer.ts', 'tsconfig.json', 'tsconfig.lib.json', 'tsconfig.spec.json', 'vitest.config.ts'].map((file) => `plugins/quick-reducer/${file}`))
  expect(JSON.parse(tree.read('plugins/quick-reducer/package.json', 'utf8')!)).toMatchObject({
    name: '@metric-learning/quick-reducer',
    dependencies: { '@metric-learning/contracts': '^0.1.0', '@metric-learning/ops': '^0.1.0', '@metric-learning/reducers': '^0.1.0' },
    devDependencies: { '@metric-learning/plugin-testkit': '^0.1.0' },
    nx: { name: 'quick-reducer', tags: ['type:extension'] },
  })
  expect(tree.read('README.md', 'utf8')).toContain('| [`a`](a) | b |\n| [`@metric-learning/quick-reducer`](plugins/quick-reducer) | `QuickReducer` |\n\n## Commands')
  await expect(plugin(tree, { name: 'quick-reducer', kind: 'reducer' })).rejects.toThrow('plugins/quick-reducer to be new')
})

it('brings all up to date that npm test compares with the code', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'generator-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const tree = checkout()
  tree.root = folder
  const follow = await plugin(tree, { name: 'quick-loss', kind: 'loss' })
  // Programs that write down how they are called.
  for (const program of ['npm', 'npx', 'node']) writeFileSync(join(folder, program), `#!/bin/sh\necho ${program} "$@" >> called\n`, { mode: 0o755 })
  vi.stubEnv('PATH', folder)
  follow()
  vi.unstubAllEnvs()
  const called = readFileSync(join(folder, 'called'), 'utf8').trim().split('\n')
  expect(called).toEqual(['npm install --ignore-scripts', 'npx nx sync', 'node tools/package-metadata.mjs', 'node tools/draw-rooms.mjs', 'npm run docs:part-options', 'npm run docs:pages'])
  const { scripts } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> }
  for (const line of called.filter((each) => each.startsWith('npm run '))) expect(scripts).toHaveProperty([line.slice('npm run '.length)])
})

it('refuses what createPlugin refuses, and writes nothing', async () => {
  const tree = checkout()
  const before = tree.listChanges().length
  await expect(plugin(tree, { name: 'Quick', kind: 'loss' })).rejects.toThrow('a name that npm takes')
  await expect(plugin(tree, { name: 'quick', kind: 'lose' })).rejects.toThrow('a kind of plugin')
  expect(tree.listChanges().length).toBe(before)
})

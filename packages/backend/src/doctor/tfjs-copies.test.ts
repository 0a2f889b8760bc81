import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { tfjsCopies } from './tfjs-copies.js'

function project(copies: Record<string, string>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'project-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [place, version] of Object.entries(copies)) {
    const copy = join(folder, place, 'node_modules/@tensorflow/tfjs-core')
    mkdirSync(copy, { recursive: true })
    writeFileSync(join(copy, 'package.json'), JSON.stringify({ version }))
  }
  return folder
}

it('finds the copy of a project, also from a folder inside', () => {
  const folder = project({ '.': '4.22.0' })
  mkdirSync(join(folder, 'packages/a'), { recursive: true })
  expect(tfjsCopies(folder)).toEqual([{ version: '4.22.0', folder: join(folder, 'node_modules/@tensorflow/tfjs-core') }])
  expect(tfjsCopies(join(folder, 'packages/a'))).toHaveLength(1)
})

it('finds copies nested in dependencies and in linked workspaces', () => {
  const folder = project({ '.': '4.22.0', 'node_modules/@scope/loss': '4.10.0', 'packages/a': '3.0.0' })
  symlinkSync(join(folder, 'packages/a'), join(folder, 'node_modules/a'))
  expect(tfjsCopies(folder).map(({ version }) => version).sort()).toEqual(['3.0.0', '4.10.0', '4.22.0'])
})

it('finds the copy of a dependency in the store of pnpm, which has it beside the dependency', () => {
  const folder = project({ 'node_modules/.pnpm/tfjs-core@4.22.0': '4.22.0' })
  const store = join(folder, 'node_modules/.pnpm')
  const beside = join(store, 'ours@1/node_modules')
  mkdirSync(join(beside, '@scope/ours'), { recursive: true })
  mkdirSync(join(beside, '@tensorflow'))
  symlinkSync(join(store, 'tfjs-core@4.22.0/node_modules/@tensorflow/tfjs-core'), join(beside, '@tensorflow/tfjs-core'))
  mkdirSync(join(folder, 'node_modules/@scope'))
  symlinkSync(join(beside, '@scope/ours'), join(folder, 'node_modules/@scope/ours'))
  symlinkSync(join(folder, 'nowhere'), join(folder, 'node_modules/gone'))
  expect(tfjsCopies(folder)).toEqual([{ version: '4.22.0', folder: join(store, 'tfjs-core@4.22.0/node_modules/@tensorflow/tfjs-core') }])
})

it('counts a copy once that is reached in two ways', () => {
  const folder = project({ packages: '4.22.0' })
  mkdirSync(join(folder, 'node_modules/@tensorflow'), { recursive: true })
  const copy = join(folder, 'packages/node_modules/@tensorflow/tfjs-core')
  symlinkSync(copy, join(folder, 'node_modules/@tensorflow/tfjs-core'))
  expect(tfjsCopies(dirname(dirname(dirname(copy))))).toHaveLength(1)
})

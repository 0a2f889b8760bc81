import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { circumstances, revisionOf } from './circumstances.js'

it('names the revision of a checkout, and none of what was installed into one', () => {
  const root = mkdtempSync(join(tmpdir(), 'a checkout-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: root, encoding: 'utf8' }).trim()
  git('init', '-q')
  const [own, installed] = [join(root, 'packages/experiments'), join(root, 'node_modules/experiments')]
  for (const folder of [own, installed]) {
    mkdirSync(join(folder, 'dist/run'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{}')
  }
  writeFileSync(join(root, '.gitignore'), 'node_modules\ndist\n')
  git('add', '.')
  git('commit', '-qm', 'first')
  const commit = git('rev-parse', '--short=12', 'HEAD')
  expect([revisionOf(join(own, 'dist/run')), revisionOf(join(installed, 'dist/run'))]).toEqual([commit, undefined])
  writeFileSync(join(own, 'package.json'), '{ }')
  expect(revisionOf(join(own, 'dist/run'))).toBe(`${commit}+`)
})

it('has the command that it is told, or that of the process', () => {
  const backend = { description: 'none' } as Parameters<typeof circumstances>[0]
  expect(circumstances(backend, 'npm run benchmark').command).toBe('npm run benchmark')
  expect(circumstances(backend).command).toMatch(/^node \S/)
})

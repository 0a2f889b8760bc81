import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { root } from './published-packages.js'

const { releaseNotes } = (await import(pathToFileURL(join(root, 'tools/release-notes.mjs')).href)) as { readonly releaseNotes: (folder: string, tag: string) => string }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'releases-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

describe('The notes of a release', () => {
  beforeEach(() => {
    for (const [name, version] of [['packages/a', '1.2.0'], ['plugins/b', '1.2.0']] as const) {
      mkdirSync(join(folder, name), { recursive: true })
      writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ name, version }))
    }
    writeFileSync(join(folder, 'CHANGELOG.md'), '## 1.2.0 (2026-02-01)\n\n### Features\n\n- more\n\n## 1.1.10 (2026-01-02)\n\n- less\n\n# 1.0.0 (2026-01-01)\n\n- first\n')
  })

  it('are its section of the changelog, and no other', () => {
    expect(releaseNotes(folder, 'v1.2.0')).toBe('### Features\n\n- more')
  })

  it('are refused where tag and packages differ, or nothing is written of it', () => {
    expect(() => releaseNotes(folder, 'v1.1.10')).toThrow('wanted 1.1.10 in all packages, got 1.2.0 in packages/a')
    writeFileSync(join(folder, 'plugins/b/package.json'), JSON.stringify({ name: 'b', version: '1.1.0' }))
    expect(() => releaseNotes(folder, 'v1.2.0')).toThrow('got 1.1.0 in b')
    writeFileSync(join(folder, 'plugins/b/package.json'), JSON.stringify({ name: 'b', version: '1.2.0' }))
    writeFileSync(join(folder, 'CHANGELOG.md'), '## 1.1.10\n\n- less\n')
    expect(() => releaseNotes(folder, 'v1.2.0')).toThrow('wanted a section of 1.2.0')
    expect(() => releaseNotes(folder, 'latest')).toThrow('wanted a tag such as v1.2.3')
  })
})

describe('Subjects of commits', () => {
  const git = (...args: readonly string[]) =>
    expect(spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false', ...args], { cwd: folder, encoding: 'utf8' })).toMatchObject({ status: 0 })
  const checked = (range: string) => spawnSync(process.execPath, [join(root, 'tools/commit-subjects.mjs'), range], { cwd: folder, encoding: 'utf8' })

  it('begin with their kind', () => {
    git('init', '-q')
    for (const subject of ['before the rule', 'feat: one', 'fix(losses)!: another']) git('commit', '-q', '--allow-empty', '-m', subject)
    expect(checked('HEAD~2..HEAD')).toMatchObject({ status: 0, stdout: '2 commits, each with its kind\n' })
    git('commit', '-q', '--allow-empty', '-m', 'Tidies up')
    const { status, stderr } = checked('HEAD~2..HEAD')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^\w+ Tidies up\n[^]*got none in 1 of 2/)
    expect(checked('nowhere..HEAD').status).toBe(1)
  })
})

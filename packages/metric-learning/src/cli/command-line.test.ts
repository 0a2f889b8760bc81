import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { commandLine } from './command-line.js'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

/** Runs the program from its sources. */
function run(...args: string[]) {
  const program = fileURLToPath(new URL('./metric-learning.ts', import.meta.url))
  return spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), '--conditions=@metric-learning/source', program, ...args], { encoding: 'utf8' })
}

const namesFor = async (first?: string) => (await commandLine(first, () => undefined)).commands.map((command) => command.name())

describe('metric-learning', () => {
  it('has one command line for all parts, and loads the part of a command alone', async () => {
    expect(await namesFor()).toEqual(['install', 'doctor', 'run', 'sweep', 'report', 'list', 'new'])
    expect(await namesFor('doctor')).toEqual(['install', 'doctor'])
    expect(await namesFor('list')).toEqual(['run', 'sweep', 'report', 'list'])
  })

  it('shows its version and what there is', () => {
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${manifest.version}\n` })
    const { status, stdout } = run('--help')
    expect(status).toBe(0)
    expect(stdout).toMatch(/install \[options\].*\n(.*\n)*.*sweep \[options\]/)
  })

  it('lists what experiments can name', () => {
    expect(run('list', 'losses')).toMatchObject({ status: 0, stdout: expect.stringContaining('ArcFaceLoss') as string })
  })

  it('adds a part to a project, and says in a line what is wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'metric-learning-new-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'package.json'), '{}')
    expect(run('new', 'loss', 'spread', '--folder', folder)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^SpreadLoss: /) as string })
    expect(readdirSync(folder).sort()).toEqual(['package.json', 'spread-loss.test.ts', 'spread-loss.ts'])
    const { status, stderr } = run('new', 'lose', 'spread', '--folder', folder)
    expect([status, stderr.trim().split('\n')]).toEqual([1, [expect.stringContaining('wanted a kind of plugin: loss, miner')]])
  })

  it('refuses an unknown command, and says in a line what is wrong with a known one', () => {
    const unknown = run('trian')
    expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining("unknown command 'trian'") as string })
    const { status, stderr } = run('run', 'nowhere.yaml')
    expect(status).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('nowhere.yaml')])
    const folder = mkdtempSync(join(tmpdir(), 'metric-learning-run-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const broken = join(folder, 'broken.yaml')
    writeFileSync(broken, 'name: [\n')
    expect(run('run', broken).stderr.trim()).toMatch(/^experiment: wanted a configuration at .*broken\.yaml, .*got .* at line 2, column 1\. Correct .*$/)
  })

  it('points to its help where arguments are wrong, and from --gpu not to --cpu', () => {
    expect(run('new')).toMatchObject({ status: 1, stderr: "error: missing required argument 'kind'\n(--help shows what there is)\n" })
    expect(run('install', '--gpu')).toMatchObject({ status: 1, stderr: "error: unknown option '--gpu'\n(--help shows what there is)\n" })
  })
})

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { sampleRun } from '../record/sample-run.fixture.js'

const program = fileURLToPath(new URL('./metric-learning-report.ts', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'report-command-'))
  return () => rmSync(folder, { recursive: true })
})

/** Runs the command from its sources, as npm does: in one folder, typed in another. */
function run(...args: string[]) {
  const node = ['--import', import.meta.resolve('tsx'), '--conditions=@metric-learning/source', program]
  return spawnSync(process.execPath, [...node, ...args], { encoding: 'utf8', env: { ...process.env, INIT_CWD: folder } })
}

describe('metric-learning-report', () => {
  it('writes one report from the runs of a folder', () => {
    for (const seed of [0, 1]) {
      mkdirSync(join(folder, `runs/${seed}`), { recursive: true })
      const results = { options: { seed, 'embedding size': 64 }, runs: [sampleRun('Triplet'), sampleRun('ArcFace')] }
      writeFileSync(join(folder, `runs/${seed}/results.json`), JSON.stringify(results))
    }
    const { status, stdout, stderr } = run('runs', '--output', 'out/report.html')
    expect(stderr).toContain('Triplet: mean of 2 runs\nArcFace: mean of 2 runs\n')
    expect(status).toBe(0)
    expect(stdout).toContain(`Report: ${join(folder, 'out/report.html')}`)
    const page = readFileSync(join(folder, 'out/report.html'), 'utf8')
    expect(page).toContain('<h1>Triplet against ArcFace</h1>')
    expect(page).toContain('<dt>embedding size</dt><dd>64</dd>')
  })

  it('leaves out a broken record among good ones and says so, and ends where none is left', () => {
    for (const name of ['good', 'broken']) mkdirSync(join(folder, `runs/${name}`), { recursive: true })
    writeFileSync(join(folder, 'runs/good/record.json'), JSON.stringify(sampleRun('Triplet')))
    writeFileSync(join(folder, 'runs/broken/record.json'), JSON.stringify({ ...sampleRun('ArcFace'), name: 3 }))
    const { status, stdout, stderr } = run('runs', '--output', 'report.html')
    expect(stderr).toContain(`Left out: ${join(folder, 'runs/broken/record.json')}, which is not the record of a run: \`name\` is 3, not a text\nTriplet: 1 run\n`)
    expect([status, stdout]).toEqual([0, expect.stringContaining(`Report: ${join(folder, 'report.html')}`)])
    const alone = run('runs/broken')
    expect([alone.status, alone.stderr.trim().split('\n')]).toEqual([1, [expect.stringMatching(/^report: wanted the record of a run.*`name` is 3/)]])
  })

  it('says in a line what is wrong, without a stack', () => {
    const { status, stderr } = run('nowhere')
    expect(status).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^report: wanted a saved run.*nowhere, which is not there/)])
    expect(run('nowhere', '--seed', 'x').stderr).toContain('wanted an integer')
  })
})

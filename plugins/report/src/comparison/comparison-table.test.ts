import { OptionError } from '@metric-learning/contracts'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { sampleRun, TRIPLET, UNTRAINED } from '../record/sample-run.fixture.js'
import { comparisonTable, type ComparisonTableOptions } from './comparison-table.js'

const arcFace = sampleRun('ArcFace', [UNTRAINED, { ...TRIPLET, precisionAt1: 0.305, AMI: 0.4 }])
const runs = [sampleRun('Triplet'), arcFace]

describe('comparisonTable', () => {
  it('is aligned', () => {
    expect(comparisonTable(runs)).toBe(
      `
                Untrained   Triplet   ArcFace
─────────────────────────────────────────────
AMI                 0.114     0.309     0.400*
NMI                 0.435     0.562*    0.562*
MAP                 0.038     0.142*    0.142*
MAP@R               0.021     0.101*    0.101*
MRR                 0.189     0.468*    0.468*
P@1                 0.111     0.353*    0.305
R-Precision         0.058     0.181*    0.181*
─────────────────────────────────────────────
Training, min                   0.0       0.0
Evaluation, s                   2.0       2.0
Images/s                        320       320
Data wait, %                    6.3       6.3
Epochs                       1 of 1    1 of 1
Steps                            10        10
* best
`.slice(1),
    )
  })

  it('has one column for the runs of a method', () => {
    const run = (name: string, after: number) => sampleRun(name, [{ precisionAt1: 0.1 }, { precisionAt1: after }], { method: 'Triplet' })
    expect(comparisonTable([run('Triplet, seed 0', 0.4), { ...run('Triplet, seed 1', 0.5), status: 'stopped' }])).toBe(
      `
                    Untrained         Triplet
─────────────────────────────────────────────
P@1             0.100 ± 0.000   0.450 ± 0.071*
─────────────────────────────────────────────
Runs                                        2
Training, min                             0.0
Evaluation, s                             2.0
Images/s                                  320
Data wait, %                              6.3
Epochs                                 1 of 1
Steps                                      10
Stopped early                          1 of 2
* best
± standard deviation over runs (n − 1)
Triplet, seed 1 stopped after epoch 1
`.slice(1),
    )
  })

  it.each([40, 60, 80, 200])('is no wider than %i characters: further columns come below', (width) => {
    const many = Array.from({ length: 12 }, (_, i) => sampleRun(`Run ${i}`))
    for (const colour of [false, true]) {
      const lines = stripVTControlCharacters(comparisonTable(many, { width, colour })).split('\n')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
      expect(lines.filter((line) => /^ +\S/.test(line)).flatMap((line) => line.trim().split(/ {2,}/))).toEqual(['Untrained', ...many.map(({ name }) => name)])
      expect(lines.filter((line) => line.startsWith('P@1')).flatMap((line) => line.match(/0\.\d{3}/g)!)).toHaveLength(13)
    }
    expect(() => comparisonTable(many, { width: 0 })).toThrow(OptionError)
  })

  it('prints the best in bold when colours are wanted, without moving columns', () => {
    const table = comparisonTable(runs, { colour: true })
    expect(table).toContain('\x1b[1m0.353\x1b[22m')
    expect(table).not.toContain('\x1b[1m0.305')
    expect(table).not.toContain('*')
    const lines = stripVTControlCharacters(table).split('\n')
    const header = lines[0]!
    expect(lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.length)).toEqual(
      Array(13).fill(header.length),
    )
    expect(lines[1]).toBe('─'.repeat(header.length))
  })

  it('says who stopped, when and why', () => {
    const stopped = { ...arcFace, status: 'stopped' as const, stopReason: 'Ctrl-C' }
    const table = comparisonTable([runs[0]!, stopped])
    expect(table).toMatch(/^Stopped early +no +yes$/m)
    expect(table).toMatch(/^ArcFace stopped after epoch 1: Ctrl-C$/m)
    expect(comparisonTable(runs)).not.toContain('Stopped early')
  })

  it('has no metrics when nothing was evaluated', () => {
    const table = comparisonTable([sampleRun('Run', [], { status: 'stopped', stopReason: 'Ctrl-C' })])
    expect(table).not.toContain('P@1')
    expect(table).toMatch(/^Epochs +0 of 0$/m)
    expect(table).toMatch(/^Run stopped before the first epoch: Ctrl-C$/m)
  })

  it('rejects unknown options', () => {
    expect(() => comparisonTable(runs, { color: true } as ComparisonTableOptions)).toThrow(OptionError)
  })
})

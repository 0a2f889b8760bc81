import { stepCompiler } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { lossNamed, lossNames, makers } from './losses.js'
import { smallRun } from './small-run.js'

describe.runIf(stepCompiler())('Every loss', () => {
  it('is looked at', () => {
    expect(lossNames.length).toBeGreaterThan(35)
    expect(Object.keys(makers).filter((name) => !lossNames.includes(name))).toEqual([])
  })

  it.each(lossNames)('%s trains as one graph, with labels that change from step to step, as it does eagerly', async (name) => {
    const run = (compile: 'require' | false) => smallRun({ loss: lossNamed(name) }, { epochs: 1, compile })
    const [compiled, eager] = [await run('require'), await run(false)]
    compiled.losses.forEach((loss, step) => expect(loss, `step ${step + 1}`).toBeCloseTo(eager.losses[step]!, 5))
    for (const [parameter, values] of compiled.parameters) {
      expect(values.every(Number.isFinite), parameter).toBe(true)
    }
  })
})

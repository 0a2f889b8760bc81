import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { quickDraw } from '@metric-learning/datasets'
import { beforeAll, describe, expect, it } from 'vitest'
import { EXAMPLES } from './examples.js'
import type { Task } from './task.js'

/** A few steps on a few drawings. */
let task: Task
beforeAll(async () => {
  await useBackend('auto')
  const classes = (count: number) => Array.from({ length: count }, (_, i) => i)
  const train = (await quickDraw({ split: 'train', samplesPerClass: 4 })).ofClasses('some drawings', classes(70))
  const heldOut = (await quickDraw({ split: 'test', samplesPerClass: 4 })).ofClasses('others', classes(10))
  task = { train, heldOut, seed: 0, epochs: 1 }
})

describe('Each example', () => {
  it.each(Object.entries(EXAMPLES))('of %s trains, and judges before and after', async (_, example) => {
    const { untrained, trained } = await example(task)
    for (const metrics of [untrained, trained]) {
      expect(metrics['precisionAt1']).toBeGreaterThanOrEqual(0)
      expect(metrics['precisionAt1']).toBeLessThanOrEqual(1)
    }
    expect(trained).not.toEqual(untrained)
  })

  it('is a screenful, and linked from the page of schemes', () => {
    const page = readFileSync(new URL('../../../docs/schemes.md', import.meta.url), 'utf8')
    const files = readdirSync(import.meta.dirname).filter((file) => /^(?!main|task|examples|.*\.test)/.test(file))
    expect(files.length).toBeGreaterThanOrEqual(8)
    for (const file of files) {
      expect(readFileSync(join(import.meta.dirname, file), 'utf8').split('\n').length, file).toBeLessThanOrEqual(60)
      expect(page).toContain(`examples/schemes/src/${file}`)
    }
  })
})

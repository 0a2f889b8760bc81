import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { documentedBlocks, root } from './documented-code.js'

const folder = mkdtempSync(join(root, 'examples/readme/.snippets-'))
const page = 'examples/readme/.snippets-page.md'

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(root + page, { force: true })
})

describe('documentedBlocks', () => {
  it('finds mistakes, and completes what earlier blocks, packages and given names say', () => {
    mkdirSync(folder, { recursive: true })
    const blocks = [
      "import { TripletMarginLoss } from '@metric-learning/losses'\n\nconst first = new TripletMarginLoss({ margin: 0.1 })",
      'console.log(first.name)',
      'console.log(new ContrastiveLoss().name, trainer.step)',
      "import { TripletMarginLoss } from '@metric-learning/losses'\n\nnew TripletMarginLoss({ margins: 0.1 })",
      'console.log(nobodyHasThis)',
    ]
    writeFileSync(root + page, blocks.map((code) => `\`\`\`ts\n${code}\n\`\`\`\n`).join('\ntext\n\n'))
    const found = documentedBlocks([page], folder)
    expect(found.map(({ isWhole }) => isWhole)).toEqual([true, true, false, true, true])
    expect(found.map(({ mistakes }) => mistakes.length)).toEqual([0, 0, 0, 1, 1])
    expect(found[3]!.mistakes[0]).toContain('margins')
    expect(found[4]!.mistakes[0]).toContain('nobodyHasThis')
  }, 240_000)
})

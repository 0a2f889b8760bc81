import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import type { Loss } from '@metric-learning/contracts'
import { afterAll, describe, expect, it } from 'vitest'
import { documentedLosses } from './losses.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
// Inside the package, so that its imports resolve.
const folder = mkdtempSync(join(root, 'tools/loss-pages/.snippets-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const snippetsOf = (markdown: string): readonly string[] => [...markdown.matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1]!)

/** Runs code as a module, and gives its exports. */
function run(name: string, code: string): Promise<unknown> {
  const file = join(folder, `${name}.mts`)
  writeFileSync(file, code)
  return import(pathToFileURL(file).href)
}

type LossClass = new (options?: object) => Loss

const embeddings = tf.tensor2d([[1, 0], [0, 1], [1, 0]])

describe('the code of docs/losses', () => {
  it('makes every loss', async () => {
    const pages = readdirSync(`${root}docs/losses`).filter((path) => path.endsWith('.md') && path !== 'README.md')
    const snippets = pages.map((path) => snippetsOf(readFileSync(`${root}docs/losses/${path}`, 'utf8')).join())
    // All in one program, since each module takes its time to load.
    const names = new Set(snippets.flatMap((code) => /import \{ (.+) \} from '@metric-learning\/losses'/.exec(code)![1]!.split(', ')))
    const bodies = snippets.map((code) => `{\n${code.replaceAll(/^import .*\n/gm, '')}}`)
    const imports = `import * as tf from '@tensorflow/tfjs-core'\nimport { ${[...names].join(', ')} } from '@metric-learning/losses'\n`
    await run('pages', imports + bodies.join('\n'))
    expect(pages.every((path) => names.has(path.replace('.md', '')))).toBe(true)
  })
})

describe('plugins/losses/README.md', () => {
  const page = readFileSync(`${root}plugins/losses/README.md`, 'utf8')
  const snippets = snippetsOf(page)

  it('names every loss once', () => {
    const named = [...page.matchAll(/docs\/losses\/(\w+)\.md\)/g)].map(([, name]) => name!).filter((name) => name !== 'README')
    expect(named.sort()).toEqual(documentedLosses().map(({ name }) => name).sort())
  })

  it('has a call, a loss over pairs, a loss over classes', () => {
    expect(snippets.length).toBe(3)
  })

  it('differentiates a loss', async () => {
    const { grad } = (await run('call', `${snippets[0]!}\nexport { grad }`)) as { grad: tf.Tensor }
    expect(grad.shape).toEqual([4, 64])
  })

  it('writes a loss over pairs', async () => {
    const { SpreadLoss } = (await run('pairs', snippets[1]!)) as { SpreadLoss: LossClass }
    // One positive pair at cosine 0, either way; negatives at 1 and 0.
    expect(new SpreadLoss().compute(embeddings, [0, 0, 1]).dataSync()[0]).toBeCloseTo(1 + (2 * 1 + 2 * 0) / 4, 5)
    expect(new SpreadLoss({ threshold: 1 }).compute(embeddings, [0, 0, 1]).dataSync()[0]).toBeCloseTo(1, 5)
  })

  it('writes a loss over classes', async () => {
    const { CenterLoss } = (await run('classes', snippets[2]!)) as { CenterLoss: LossClass }
    const loss = new CenterLoss({ numClasses: 2, embeddingSize: 2, weightInitFunc: () => new Float32Array(4) })
    expect(loss.compute(tf.mul(embeddings, 2), [0, 0, 1]).dataSync()[0]).toBeCloseTo(4, 5)
  })
})

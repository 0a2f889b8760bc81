// `npm run try -- examples/cross-batch-memory/src/main.ts`: small batches alone, and against a memory, from three seeds.
import { useBackend } from '@metric-learning/backend'
import { quickDraw } from '@metric-learning/datasets'
import { trainWithMemory } from './train-with-memory.js'

await useBackend('auto')
const train = await quickDraw({ split: 'train', samplesPerClass: 60 })
const heldOut = await quickDraw({ split: 'test', samplesPerClass: 100 })
const memorySizes = [0, 4096]

console.log('P@1 on 100 held-out classes, batches of 8\n')
console.log(`| seed | ${memorySizes.map((size) => (size === 0 ? 'batch alone' : `memory of ${size}`)).join(' | ')} |\n|---|${memorySizes.map(() => '---|').join('')}`)
const found: number[][] = []
for (const seed of [0, 1, 2]) {
  const precisions: number[] = []
  for (const memorySize of memorySizes) precisions.push(await trainWithMemory({ train, heldOut, memorySize, batchSize: 8, epochs: 2, seed }))
  found.push(precisions)
  console.log(row(String(seed), precisions))
}
console.log(row('mean', memorySizes.map((_, i) => found.reduce((sum, precisions) => sum + precisions[i]!, 0) / found.length)))

function row(title: string, precisions: readonly number[]): string {
  return `| ${title} | ${precisions.map((precision) => precision.toFixed(3)).join(' | ')} |`
}

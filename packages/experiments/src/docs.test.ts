import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { checkedExperiment, readConfiguration } from './configuration/read-configuration.js'

const page = readFileSync(new URL('../../../docs/experiments.md', import.meta.url), 'utf8')
const blocks = (language: string) => [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code]) => code!)

it('has configurations in its docs that are ones', async () => {
  expect(blocks('yaml')).toHaveLength(3)
  for (const code of blocks('yaml')) {
    const { configuration } = await checkedExperiment(parse(code), { who: 'docs/experiments.md', folder: '/' })
    expect(configuration.name).not.toBe('')
  }
})

it('reads the module of its docs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [code] = blocks('ts')
  writeFileSync(join(folder, 'contrastive.ts'), code!.replace('@metric-learning/experiments', fileURLToPath(new URL('./index.ts', import.meta.url))))
  expect((await readConfiguration(join(folder, 'contrastive.ts'))).configuration.name).toBe('contrastive')
})

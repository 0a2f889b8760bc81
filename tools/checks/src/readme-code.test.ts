import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
// Inside the checkout, so that imports resolve.
const folder = mkdtempSync(join(root, 'tools/checks/.snippets-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Pieces of code in pages that say how to begin. */
const snippets = ['plugins/miners/README.md', 'plugins/samplers/README.md'].flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map((match, i): [string, number, string] => [page, i + 1, match[1]!]),
)

describe('The code of a README', () => {
  it.each(snippets)('runs as it stands: %s, %d', async (page, number, code) => {
    const file = join(folder, `${page.replaceAll('/', '-')}-${number}.mts`)
    writeFileSync(file, code)
    await expect(import(pathToFileURL(file).href)).resolves.toBeDefined()
  })
})

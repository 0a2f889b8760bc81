import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it, onTestFinished } from 'vitest'
import { importModule } from './import-module.js'

const modules = fileURLToPath(new URL('../../../../node_modules', import.meta.url))

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'import module-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

it('finds a package where the configuration is, also one for `import` alone, and else beside this program', async () => {
  const folder = folderWith({
    'node_modules/@acme/losses/package.json': JSON.stringify({ name: '@acme/losses', type: 'module', exports: { import: './losses.js' } }),
    'node_modules/@acme/losses/losses.js': 'export class SpreadLoss {}',
  })
  expect(await importModule('@acme/losses', folder)).toHaveProperty('SpreadLoss')
  await expect(importModule('@acme/losses', tmpdir())).rejects.toThrow('@acme/losses')
  expect((await importModule('@tensorflow/tfjs-core', folder))['Tensor']).toBe((await import('@tensorflow/tfjs-core')).Tensor)
})

/** What a program prints that has this module in a plain Node, without the loader and the conditions that the tests run with. */
function printed(files: Readonly<Record<string, string>>): string {
  const folder = folderWith({
    'import-module.js': ts.transpileModule(readFileSync(new URL('import-module.ts', import.meta.url), 'utf8'), { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText,
    ...files,
  })
  symlinkSync(modules, join(folder, 'node_modules'))
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8', env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' } })
  expect(stderr).toBe('')
  return stdout.trim()
}

it('reads TypeScript in a plain Node, with the packages that the program has', () => {
  const said = printed({
    'package.json': '{ "type": "module" }',
    'other.ts': 'export const epochs: number = 3',
    'part.ts': "import { Tensor } from '@tensorflow/tfjs-core'\nimport { epochs } from './other.js'\nenum Kind { One = 'one' }\nexport default { Tensor, epochs, kind: Kind.One }",
    'main.js': "import { Tensor } from '@tensorflow/tfjs-core'\nimport { importModule } from './import-module.js'\nconst { default: part } = await importModule('./part.ts', import.meta.dirname)\nconsole.log(part.epochs, part.kind, part.Tensor === Tensor)",
  })
  expect(said).toBe('3 one true')
})

it('reads TypeScript that Node takes for CommonJS, or says how it is mended', () => {
  const said = printed({
    'package.json': '{}',
    'part.ts': 'export default 1 as number',
    'main.js': "import { importModule } from './import-module.js'\nconsole.log(await importModule('./part.ts', import.meta.dirname).then((part) => part.default, (error) => error.message))",
  })
  expect(said).toMatch(/^1$|^[^\n]*\(perhaps since no "type": "module" stands in package\.json: `npm pkg set type=module`, or let the file end in \.mts\)$/)
  if (Number(process.versions.node.split('.')[0]) < 22) expect(said).toContain('perhaps')
})

// `npm run check:packages`: everything as it would be published, looked at, published to a registry of its own, and used from there.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheFolder } from '@metric-learning/contracts/cache-folder'
import { path, runMain, say } from '@metric-learning/peer'
import { Command } from 'commander'
import { billOfMaterials } from './bill-of-materials.js'
import { oldestCompiler, typeErrors } from './check-types.js'
import { lookAtTarball } from './look-at-tarball.js'
import { localRegistry } from './local-registry.js'
import { packPackages } from './pack-packages.js'
import { root } from './published-packages.js'
import { followsReadme } from './stranger.js'

interface Options {
  readonly node: readonly string[]
  readonly install: readonly string[]
  readonly emptyCache?: boolean
  readonly lookOnly?: boolean
  readonly sbom?: string
}

const command = new Command('npm run check:packages --')
  .description('Packs all packages, looks at each (publint, types, what is in it), publishes them to a registry on this machine, and follows the README from there in an empty folder.')
  .option('--node <files...>', 'programs `node` to do it with', [process.execPath])
  .option('--install <commands...>', 'commands that install, such as "pnpm add"', ['npm install'])
  .option('--empty-cache', 'also fetch and compile the native library anew, once')
  .option('--look-only', 'pack and look, no more')
  .option('--sbom <file>', 'also write the bill of materials, in CycloneDX', path)
  .argument('[folder]', 'where all of it is left (default: a temporary folder)', path)
  .parse()
const { node: nodes, install: installs, emptyCache, lookOnly, sbom } = command.opts<Options>()
const kept = command.processedArgs[0] as string | undefined

await runMain(async () => {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'check-packages-'))
  const since = stopwatch()
  try {
    const packed = await packPackages(join(folder, 'tarballs'))
    say(`${packed.length} packages built and packed, ${(packed.reduce((sum, { tarball }) => sum + statSync(tarball).size, 0) / 1e6).toFixed(1)} MB (${since()} s)`)
    const found: string[] = []
    for (const one of packed) found.push(...(await lookAtTarball(one)))
    for (const line of found) say(line)
    if (found.length > 0) process.exitCode = 1
    else say(`publint and types: nothing wrong (${since()} s)`)
    if (sbom !== undefined) {
      writeFileSync(sbom, await billOfMaterials(packed, folder))
      say(`Bill of materials: ${sbom} (${since()} s)`)
    }
    if (lookOnly) return
    const registry = await localRegistry(join(folder, 'registry'))
    try {
      await registry.publish(packed.map((one) => one.folder))
      say(`Published to a registry of its own (${since()} s)`)
      const cache = emptyCache ? join(folder, 'cache') : cacheFolder()
      for (const node of nodes) {
        for (const install of installs) {
          say(`${install}, ${node}`)
          const stranger = join(folder, `stranger-${nodes.indexOf(node)}-${installs.indexOf(install)}`)
          const printed = await followsReadme({ folder: stranger, registry: registry.url, install: install.split(' '), node, cache, say })
          say(printed.trim().split('\n').slice(-8).join('\n'))
          // Other package managers hide what a project does not ask for itself.
          if (!install.startsWith('npm ')) continue
          const newest = join(root, 'node_modules/typescript/bin/tsc')
          const compilers = [['NodeNext', newest, ''], ['bundler', newest, ''], ['NodeNext', await oldestCompiler(join(folder, 'typescript-5.0'), registry.url), ', TypeScript 5.0']] as const
          for (const [resolution, compiler, which] of compilers) {
            const errors = typeErrors(join(stranger, 'project'), compiler, resolution)
            say(`  ${resolution}${which}: ${errors.length === 0 ? 'types compile' : errors.join('\n')} (${since()} s)`)
            if (errors.length > 0) process.exitCode = 1
          }
        }
      }
    } finally {
      registry.stop()
    }
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
  process.stdout.write(`${process.exitCode ? 'Something is wrong, see above' : 'All is well'} (${since()} s)\n`)
})

function stopwatch(): () => string {
  const start = performance.now()
  return () => ((performance.now() - start) / 1000).toFixed(0)
}

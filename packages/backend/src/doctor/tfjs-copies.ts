import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** An installed copy of tfjs-core. */
export interface TfjsCopy {
  readonly version: string
  readonly folder: string
}

/**
 * Every copy of `@tensorflow/tfjs-core` in the node_modules of a folder and of the folders above it, those of dependencies
 * included: nested in them, or beside them in the store that pnpm links to. There must be one: two copies are two engines, and tensors of one are strangers to the other.
 */
export function tfjsCopies(folder: string): TfjsCopy[] {
  const found = new Map<string, TfjsCopy>()
  const seen = new Set<string>()
  for (let at = folder; ; at = dirname(at)) {
    searchModules(join(at, 'node_modules'), found, seen)
    if (at === dirname(at)) return [...found.values()]
  }
}

function searchModules(modules: string, found: Map<string, TfjsCopy>, seen: Set<string>): void {
  if (!existsSync(modules) || seen.has(realpathSync(modules))) return
  seen.add(realpathSync(modules))
  for (const name of readdirSync(modules)) {
    if (name.startsWith('.')) continue
    const packages = name.startsWith('@') ? readdirSync(join(modules, name)).map((scoped) => join(name, scoped)) : [name]
    for (const packageName of packages) {
      const folder = join(modules, packageName)
      if (!existsSync(folder)) continue // a link that leads nowhere
      if (packageName === join('@tensorflow', 'tfjs-core')) addCopy(realpathSync(folder), found)
      searchModules(join(folder, 'node_modules'), found, seen)
      const around = modulesAround(realpathSync(folder))
      if (around) searchModules(around, found, seen)
    }
  }
}

/** The node_modules that a package lies in. */
function modulesAround(folder: string): string | undefined {
  const parent = basename(dirname(folder)).startsWith('@') ? dirname(dirname(folder)) : dirname(folder)
  return basename(parent) === 'node_modules' ? parent : undefined
}

function addCopy(folder: string, found: Map<string, TfjsCopy>): void {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  found.set(folder, { version, folder })
}

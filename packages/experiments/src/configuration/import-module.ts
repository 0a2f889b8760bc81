import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { resolve as resolveFrom } from 'import-meta-resolve'

/** Whether a module is named by its file, and not by its package. */
export const isFileName = (name: string): boolean => name.startsWith('.') || isAbsolute(name)

/**
 * What a module exports, in TypeScript too, whatever Node it is. It shares all that it imports with this program: an own part's tfjs is the same one.
 *
 * @param name a path, or a package
 * @param folder that paths and packages are meant from; a package that is not there is looked for beside this program
 * @throws {Error} as `import` where it can't be found or read; of TypeScript that Node takes for CommonJS it says how that is mended.
 */
export async function importModule(name: string, folder: string): Promise<Readonly<Record<string, unknown>>> {
  if (!isFileName(name)) return (await import(packageAddress(name, folder))) as Readonly<Record<string, unknown>>
  const file = resolve(folder, name)
  const load = async () => (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
  // What runs from sources has a loader of them already.
  if (!['.ts', '.mts'].includes(extname(file)) || extname(import.meta.url) === '.ts') return load()
  // Not `tsImport`: what that loads has copies of its own of all packages.
  const { register } = await import('tsx/esm/api')
  const unregister = register()
  try {
    return withoutWrap(await load())
  } catch (cause) {
    if (!existsSync(file) || !isCommonJs(file)) throw cause
    // It mostly goes well in Node 24 and newer; older ones complain of cycles, or of modules that are not linked.
    const [message] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
    throw new Error(`${message} (perhaps since no "type": "module" stands in package.json: \`npm pkg set type=module\`, or let the file end in .mts)`, { cause })
  } finally {
    await unregister()
  }
}

/** The exports themselves, where Node has those of a module that it took for CommonJS as its default. */
function withoutWrap(exports: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { default: inner } = exports
  return typeof inner === 'object' && inner !== null && '__esModule' in inner ? (inner as unknown as Readonly<Record<string, unknown>>) : exports
}

/** Whether Node takes a file for CommonJS: by its ending, and by the package.json nearest to it. */
function isCommonJs(file: string): boolean {
  if (extname(file) !== '.ts') return false
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly type?: string }).type !== 'module'
    if (dirname(folder) === folder) return true
  }
}

/** The same module by its path, so that it can be named from anywhere; a package that this program means, too, by its name. */
export function wholeName(name: string, folder: string): string {
  if (isFileName(name)) return resolve(folder, name)
  const address = packageAddress(name, folder)
  return address.startsWith('file:') ? fileURLToPath(address) : name
}

/** Where the package is that a name means in a folder; the name itself where this program means the same one, or the folder has none. */
function packageAddress(name: string, folder: string): string {
  const from = (parent: string) => {
    try {
      return resolveFrom(name, parent)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
      return undefined
    }
  }
  const there = from(pathToFileURL(join(folder, 'configuration.js')).href)
  return there === undefined || there === from(import.meta.url) ? name : there
}

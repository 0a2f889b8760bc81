import { extname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { resolve as resolveFrom } from 'import-meta-resolve'

/** Whether a module is named by its file, and not by its package. */
export const isFileName = (name: string): boolean => name.startsWith('.') || isAbsolute(name)

/**
 * What a module exports, in TypeScript too, whatever Node it is. It shares all that it imports with this program: an own part's tfjs is the same one.
 *
 * @param name a path, or a package
 * @param folder that paths and packages are meant from; a package that is not there is looked for beside this program
 * @throws {Error} as `import` where it can't be found or read.
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
    return await load()
  } finally {
    await unregister()
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

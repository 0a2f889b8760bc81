import { realpath } from 'node:fs/promises'
import { kindsInFolder } from './kinds-in-folder.js'

/** The page that shows each tag of a folder, as all writers know it that this process has open there. */
export interface SharedKinds {
  readonly kinds: Map<string, string>
  /** Has to be called once, when the writer is closed. */
  readonly release: () => void
}

interface Shared {
  readonly kinds: Map<string, string>
  writers: number
}

/**
 * Folders with an open writer, by their real path. Of the process, for that is what is shared: what one writer has taken is in no file
 * yet that another could read. A folder without an open writer is not in it.
 */
const shared = new Map<string, Shared>()

/**
 * Joins the writers of a folder: their tags, and those that its files have.
 *
 * @param folder one that exists
 */
export async function shareKinds(folder: string): Promise<SharedKinds> {
  const path = await realpath(folder)
  const entry = shared.get(path) ?? { kinds: new Map<string, string>(), writers: 0 }
  shared.set(path, entry)
  entry.writers += 1
  const release = () => {
    entry.writers -= 1
    if (entry.writers === 0) shared.delete(path)
  }
  try {
    for (const [tag, kind] of await kindsInFolder(folder)) {
      if (!entry.kinds.has(tag)) entry.kinds.set(tag, kind)
    }
  } catch (error) {
    release()
    throw error
  }
  return { kinds: entry.kinds, release }
}

import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { cannotWrite, DataError, isMetricLearningError, type Plain } from '@metric-learning/contracts'

/** The file that makes a folder a saved model: it names all others. */
export const MODEL_FILE = 'inference-model.json'
const FORMAT = 'metric-learning-inference-model'
/** Version of the format that is written. */
const FORMAT_VERSION = 1
const LIBRARY = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version

type PlainRecord = Readonly<Record<string, Plain>>

interface FileFacts {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Of its bytes, hexadecimal. */
  readonly sha256: string
}

/** What a saved model says of itself. */
export interface ModelFolder {
  /** What the model was made with. */
  readonly settings: PlainRecord
  /** What the user wrote beside it. */
  readonly notes: PlainRecord
  /** Paths of its files, by part: `trunk`, `embedder`, `index`, `keys`. */
  readonly files: Readonly<Record<string, string>>
}

/** A file of a model: a name such as `trunk.safetensors`, and what writes it to a path. */
export type PartWriter = readonly [name: string, write: (path: string) => Promise<void>]

/**
 * Saves a model: at any moment the folder holds the old one or the new one, whole. Its files have names that are made of their bytes,
 * and the last to be written names them all, which replaces that of an older model at once.
 *
 * @throws {DataError} when a file can't be written.
 */
export async function writeModelFolder(folder: string, parts: readonly PartWriter[], { settings, notes }: Pick<ModelFolder, 'settings' | 'notes'>): Promise<void> {
  const file = join(folder, MODEL_FILE)
  try {
    await mkdir(folder, { recursive: true })
    const files: Record<string, FileFacts> = {}
    for (const [name, write] of parts) {
      const temporary = join(folder, `${SAVING}${process.pid}-${name}`)
      await write(temporary)
      await flush(temporary)
      const facts = await factsOf(temporary)
      const part = name.slice(0, -extname(name).length)
      files[part] = { name: `${part}-${facts.sha256.slice(0, 16)}${extname(name)}`, ...facts }
      await rename(temporary, join(folder, files[part].name))
    }
    await flush(folder)
    const body = { format: FORMAT, version: FORMAT_VERSION, library: LIBRARY, settings, notes, files }
    const temporary = join(folder, `${SAVING}${process.pid}-${MODEL_FILE}`)
    await writeFile(temporary, `${JSON.stringify({ ...body, sha256: checksum(body) }, null, 1)}\n`)
    await flush(temporary)
    await rename(temporary, file)
    await flush(folder)
  } catch (cause) {
    throw isMetricLearningError(cause) ? cause : cannotWrite('InferenceModel.save', file, cause)
  } finally {
    await removeOthers(folder)
  }
}

/**
 * Reads what a saved model says of itself, and checks each byte of its files.
 *
 * @throws {DataError} when one is missing, cut off or changed, the format is newer, or there is no model; names the file.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const { settings, notes, files } = await readModelFile(join(folder, MODEL_FILE))
  for (const { name, ...wanted } of Object.values(files)) {
    const path = join(folder, name)
    const found = await reading(path, () => factsOf(path))
    if (found.size !== wanted.size) throw damaged(path, `${found.size} bytes of ${wanted.size}`)
    if (found.sha256 !== wanted.sha256) throw damaged(path, 'bytes that do not have its checksum')
  }
  return { settings, notes, files: Object.fromEntries(Object.entries(files).map(([part, { name }]) => [part, join(folder, name)])) }
}

/** What a saved model says of itself, in words of the disk. */
interface ModelFile extends Omit<ModelFolder, 'files'> {
  readonly files: Readonly<Record<string, FileFacts>>
}

/** @throws {DataError} as {@link readModelFolder}; other files are not looked at. */
export async function readModelFile(file: string): Promise<ModelFile> {
  const text = await reading(file, () => readFile(file, 'utf8'))
  let parsed: (ModelFile & { format: unknown; version: unknown; library: unknown; sha256: unknown }) | undefined
  try {
    parsed = JSON.parse(text) as typeof parsed
  } catch (cause) {
    throw damaged(file, 'no JSON', cause)
  }
  if (typeof parsed !== 'object' || parsed === null || parsed.format !== FORMAT) throw damaged(file, 'one of something else')
  const { sha256, ...body } = parsed
  if (Number(parsed.version) > FORMAT_VERSION) {
    const got = `version ${String(parsed.version)}, written by ${String(parsed.library)}`
    throw new DataError({ who: WHO, wanted: `a model of format version ${FORMAT_VERSION} in ${file}`, got, fix: 'Install a newer @metric-learning/inference.' })
  }
  const isWhole = sha256 === checksum(body) && Object.values(parsed.files).every(({ name }) => PART.test(name))
  if (!isWhole) throw damaged(file, 'one that does not have its checksum')
  return parsed
}

const WHO = 'InferenceModel.load'
/** Beginning of names of files under way, and of those that a save which was killed has left. */
const SAVING = '.saving-'
const PART = /^[a-z]+-[0-9a-f]{16}\.[a-z]+$/

const checksum = (body: object): string => createHash('sha256').update(JSON.stringify(body)).digest('hex')

async function factsOf(path: string): Promise<Omit<FileFacts, 'name'>> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return { size: (await stat(path)).size, sha256: hash.digest('hex') }
}

/** Removes what the model in the folder does not need: no other process saves there meanwhile. What can't be removed is in nobody's way. */
async function removeOthers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const kept = await readModelFile(join(folder, MODEL_FILE)).then(
    ({ files }) => Object.values(files).map(({ name }) => name),
    () => undefined,
  )
  const doomed = names.filter((name) => name.startsWith(SAVING) || (kept !== undefined && PART.test(name) && !kept.includes(name)))
  for (const name of doomed) await rm(join(folder, name), { force: true }).catch(() => undefined)
}

/** Sees that a file, or the names in a folder, are on the disk. */
async function flush(path: string): Promise<void> {
  // Windows opens no folders, and needs none to be flushed.
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function reading<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw damaged(file, isMissing ? 'no such file' : cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** A file of a model that is not as it was saved. */
export const damaged = (file: string, got: string, cause?: unknown): DataError =>
  new DataError({ who: WHO, wanted: `${file} as \`save\` wrote it`, got, fix: 'Save the model again, or check the path.', ...(cause !== undefined && { cause }) })

import { writeFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { ioError } from '../errors/io-error.js'
import { TensorBoardLoggerError } from '../errors/tensorboard-logger-error.js'
import { wellFormed } from '../events/well-formed.js'
import { crc32c } from '../records/crc32c.js'
import { expectTable } from './expect-table.js'
import { metadataTsv } from './metadata-tsv.js'
import { mergeProjectorConfig, type EmbeddingInfo } from './projector-config.js'
import type { ProjectorTable } from './projector-table.js'
import { tensorFile } from './tensor-file.js'

/** The name that TensorBoard looks for, beside the event files of a run. */
const CONFIG = 'projector_config.pbtxt'

/**
 * Writes tables for TensorBoard's embedding projector:
 *
 *     <folder>/projector_config.pbtxt
 *     <folder>/projector/<table>/{tensors.bytes | tensors.tsv, metadata.tsv, sprite.png}
 *
 * Tables that the folder has already stay, unless one of the same name is given. The folder is the one that the
 * event files of the run are in. A running TensorBoard reads the config once: start it again to see new tables.
 *
 * @throws {TensorBoardLoggerError} before anything is written: `TBL_PROJECTOR_LIMIT` for more than 100,000 rows or a
 * sprite beyond 8192 x 8192 pixels, `TBL_ARGUMENT` for a table that does not fit together, or two of one name;
 * `TBL_IO` when a file cannot be written, or the config that is there is none.
 */
export async function writeProjector(folder: string, given: readonly ProjectorTable[]): Promise<void> {
  given.forEach(expectTable)
  const tables = given.map((table) => ({ ...table, name: wellFormed(table.name) }))
  expectNames(tables.map(({ name }) => name))
  const path = join(folder, CONFIG)
  try {
    await mkdir(folder, { recursive: true })
    // Read first: a config that cannot be merged stops the call before it changes anything.
    const merged = mergeProjectorConfig(await readIfThere(path), tables.map(infoOf))
    for (const table of tables) await writeTable(folder, table)
    await replaceFile(path, merged)
  } catch (error) {
    throw ioError('writeProjector', `to write the projector tables of ${folder}`, error)
  }
}

function expectNames(names: readonly string[]): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated === undefined) return
  throw new TensorBoardLoggerError('TBL_ARGUMENT', {
    who: 'writeProjector',
    wanted: 'tables with names of their own',
    got: `"${repeated}" twice`,
    fix: 'Rename one.',
  })
}

/** The folder of a table, relative to that of the config. */
function placeOf(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, '-').slice(0, 80)
  const isPlain = plain === name && !name.startsWith('.')
  const slug = isPlain ? name : `${plain.replace(/^\.+/, '')}-${crc32c(Buffer.from(name)).toString(16)}`
  return posix.join('projector', slug)
}

function infoOf({ name, embeddings, dim, metadata, sprite }: ProjectorTable): EmbeddingInfo {
  const place = placeOf(name)
  return {
    tensor_name: name,
    tensor_path: posix.join(place, tensorFile(embeddings, dim).name),
    tensor_shape: [embeddings.length / dim, dim],
    ...(metadata ? { metadata_path: posix.join(place, 'metadata.tsv') } : {}),
    ...(sprite
      ? {
          sprite: {
            image_path: posix.join(place, 'sprite.png'),
            single_image_dim: [sprite.tileWidth, sprite.tileHeight],
          },
        }
      : {}),
  }
}

/** Writes the files of a table beside the old ones, then takes their place. */
async function writeTable(folder: string, { name, embeddings, dim, metadata, sprite }: ProjectorTable): Promise<void> {
  const place = join(folder, placeOf(name))
  const draft = `${place}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  const tensors = tensorFile(embeddings, dim)
  await writeFile(join(draft, tensors.name), tensors.content)
  if (metadata) await writeFile(join(draft, 'metadata.tsv'), metadataTsv(metadata))
  if (sprite) await writeFile(join(draft, 'sprite.png'), sprite.png)
  await rm(place, { recursive: true, force: true })
  await rename(draft, place)
}

async function replaceFile(path: string, content: string): Promise<void> {
  // Node writes all of it or fails; the library's own write takes what a disk that fills had room for as the whole.
  await writeFileAtomic(path, '', { tmpfileCreated: (temporary) => writeFileSync(temporary, content) })
}

async function readIfThere(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}

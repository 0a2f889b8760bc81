import type { DocumentedExport } from '../code/read-exports.js'

/** A room whose parts have a page each. */
export interface PartRoom {
  readonly room: string
  /** One of them: `miner`. */
  readonly part: string
  /** Over the first sentences of their docstrings. */
  readonly does: string
  /** What stands above the table of all, up to what the README of the room tells. */
  readonly introduction: string
}

/** Rooms whose parts have pages that are written here, by the folder of these in docs. */
export const PART_ROOMS = {
  miners: { room: 'plugins/miners', part: 'miner', does: 'selects', introduction: 'What each selects, and when. How they are called, what goes with which loss, and what they cost' },
  samplers: { room: 'plugins/samplers', part: 'sampler', does: 'gives', introduction: 'What is in the batches of each, and when. Which guarantees what, what batches cost, and how one of your own is made' },
  distances: { room: 'packages/distances', part: 'distance', does: 'is', introduction: 'How each compares embeddings, and when. What all of them have, and how one of your own is made' },
  reducers: { room: 'packages/reducers', part: 'reducer', does: 'gives', introduction: 'What each makes of the values v of a loss and their weights w, and when. What they are given, and how one of your own is made' },
  regularizers: { room: 'packages/regularizers', part: 'regularizer', does: 'adds', introduction: 'What each adds to a loss, for its embeddings or for the vectors of its classes, and when. How losses take them' },
} as const satisfies Record<string, PartRoom>

const FOLDERS: Readonly<Record<string, string>> = { 'plugins/losses': 'losses', ...Object.fromEntries(Object.entries(PART_ROOMS).map(([folder, { room }]) => [room, folder])) }

/** Whether a part has a page: its docstring says when to use it. */
export const hasPage = ({ room, kind, tags }: DocumentedExport): boolean => room in FOLDERS && kind === 'class' && tags.has('useWhen')

/** Where a part is told about: its page, or the one of its package. From a folder in docs. */
export const pageAbout = (part: DocumentedExport): string => (hasPage(part) ? `../${FOLDERS[part.room]!}/${part.name}.md` : `../../${part.room}/README.md`)

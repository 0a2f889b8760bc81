import { describeValue, isTensor, OptionError } from '@metric-learning/contracts'
import type { EmbeddingTable, LogEntry, LoggedImage } from './log-entry.js'

/**
 * Checks what is logged, so that no logger drops it in silence or fails later, where nobody knows who logged it. NaN and the
 * infinities are numbers; a histogram may be of none.
 *
 * @throws {OptionError} when an entry has no kind, tag or step, or is not what its kind wants.
 */
export function expectLogEntry(entry: LogEntry): void {
  const { kind, tag, step } = (typeof entry === 'object' && entry !== null ? entry : {}) as LogEntry
  if (!Object.hasOwn(CONTENT, kind)) throw refused(`an entry of a kind out of ${Object.keys(CONTENT).join(', ')}`, describeValue(kind))
  if (typeof tag !== 'string' || tag === '') throw refused(`\`tag\` of a ${kind} to be a name`, describeValue(tag))
  if (!Number.isSafeInteger(step)) throw refused(`\`step\` of "${tag}" to be an integer`, describeValue(step), 'Pass `trainer.step`.')
  const { field, wanted, fits } = CONTENT[kind]
  const content = (entry as unknown as Readonly<Record<string, unknown>>)[field]
  if (fits(content)) return
  throw refused(`\`${field}\` of "${tag}" to be ${wanted}`, describeValue(content), isTensor(content) ? 'Read the tensor first: `await tensor.data()`.' : undefined)
}

interface Content {
  readonly field: string
  readonly wanted: string
  fits(content: unknown): boolean
}

const isNumber = (value: unknown): value is number => typeof value === 'number'

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/** Arrays of numbers. Those with a type need no look at each, unless it is that of bigints. */
function areNumbers(content: unknown): boolean {
  if (ArrayBuffer.isView(content)) return !(content instanceof DataView || content instanceof BigInt64Array || content instanceof BigUint64Array)
  return Array.isArray(content) && content.every(isNumber)
}

const isPlainRecord = (content: unknown): boolean =>
  typeof content === 'object' && content !== null && !Array.isArray(content) && Object.values(content).every((value) => value === null || ['string', 'number', 'boolean'].includes(typeof value))

function isImage(content: unknown): boolean {
  const { png, width, height } = (content ?? {}) as Partial<LoggedImage>
  return ArrayBuffer.isView(png) && isCount(width) && isCount(height)
}

function isTable(content: unknown): boolean {
  const { embeddings, dim, labels } = (content ?? {}) as Partial<EmbeddingTable>
  return areNumbers(embeddings) && isCount(dim) && Array.isArray(labels) && embeddings!.length === labels.length * dim
}

/** What an entry of each kind has. */
const CONTENT: Readonly<Record<LogEntry['kind'], Content>> = {
  scalar: { field: 'value', wanted: 'a number', fits: isNumber },
  missing: { field: 'reason', wanted: 'a text', fits: (content) => typeof content === 'string' },
  text: { field: 'text', wanted: 'a text', fits: (content) => typeof content === 'string' },
  histogram: { field: 'values', wanted: 'an array of numbers', fits: areNumbers },
  image: { field: 'image', wanted: 'a PNG with its width and height', fits: isImage },
  configuration: { field: 'values', wanted: 'texts, numbers, truth values and nulls by name', fits: isPlainRecord },
  embedding: { field: 'table', wanted: '`embeddings` of [count, `dim`] with as many `labels`', fits: isTable },
}

const refused = (wanted: string, got: string, fix = 'Log what docs/logging.md lists.') => new OptionError({ who: 'Trainer.log', wanted, got, fix })

import { readFileSync } from 'node:fs'
import multipart from '@fastify/multipart'
import { DataError, isMetricLearningError, OptionError, type LoadedSamples } from '@metric-learning/contracts'
import type { InferenceModel } from '@metric-learning/inference'
import { fastify, type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Gallery } from './gallery.js'

export interface SearchServiceOptions {
  readonly model: InferenceModel
  readonly gallery: Pick<Gallery, 'examples' | 'picture'>
  /** From the bytes of an image file to a sample as the model takes it; a {@link DataError} where that can't be. */
  readonly decode: (file: Uint8Array) => Promise<LoadedSamples>
  /** Bytes of an image file, at most. Default 8 MiB. */
  readonly fileBytes?: number
  /** Told of errors that are nobody's mistake but the service's. */
  readonly say?: (line: string) => void
}

/** Neighbours that may be asked for, and that are given unasked. */
const [MOST_NEIGHBOURS, NEIGHBOURS] = [100, 12]
/** Of errors that are not the service's mistake; without references, which may come, there is nothing to search. */
const STATUS: Readonly<Record<string, number>> = { ML_DATA: 400, ML_OPTION: 400, ML_STATE: 503 }
const PAGE = new URL('../page.html', import.meta.url)

/**
 * Image search over HTTP. `POST /search?k=12` with an image, as its bytes or as a form with one file: the nearest pictures as JSON.
 * `GET /` is a page to do so, `/health` for whoever watches, `/pictures/<key>` a picture, `/examples` keys of pictures to search with.
 *
 * What is wrong with a request is told by a 4xx and `{ error, code }`: the text of the typed error, and its code; by a 503 that there is nothing to
 * search yet.
 */
export async function searchService({ model, gallery, decode, fileBytes = 8 * 2 ** 20, say = () => undefined }: SearchServiceOptions): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: fileBytes })
  const page = readFileSync(PAGE, 'utf8')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^image\/|^application\/octet-stream/, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
  await app.register(multipart, { limits: { fileSize: fileBytes } })

  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(page))
  app.get('/health', () => ({ status: 'ok', references: model.size, dim: model.dim }))
  app.get('/examples', () => ({ keys: gallery.examples }))
  app.get('/pictures/*', async (request, reply) => {
    const picture = await gallery.picture((request.params as { '*': string })['*'])
    if (!picture) return reply.callNotFound()
    return reply.type('image/png').header('cache-control', 'public, max-age=3600').send(picture)
  })
  app.post('/search', async (request) => {
    const k = neighboursOf(request.query)
    const [neighbours] = await model.getNearestNeighbours(await decode(await imageOf(request)), { k })
    return {
      neighbours: neighbours!.map(({ key, distance }) => ({ key, distance, picture: `/pictures/${String(key).split('/').map(encodeURIComponent).join('/')}` })),
    }
  })

  // Connections are kept for further requests, which would keep a service that ends waiting for more than a minute.
  let isClosing = false
  app.addHook('preClose', async () => void (isClosing = true))
  app.addHook('onSend', async (_request, reply) => void (isClosing && reply.header('connection', 'close')))
  app.addHook('onResponse', async () => void (isClosing && setImmediate(() => app.server.closeIdleConnections())))

  app.setNotFoundHandler((request, reply) => reply.code(404).send({ error: `There is no ${request.method} ${request.url}`, code: 'NOT_FOUND' }))
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = refusalOf(error, fileBytes)
    if (refusal) return reply.code(refusal.status).send({ error: refusal.error.message, code: refusal.error.code })
    say(`${request.method} ${request.url}: ${error.stack ?? error.message}`)
    return reply.code(500).send({ error: 'The service failed; its log says why.', code: 'INTERNAL' })
  })
  return app
}

/** The image of a request: its body, or the one file of a form. */
async function imageOf(request: FastifyRequest): Promise<Uint8Array> {
  const bytes = request.isMultipart() ? await fileOf(request) : (request.body as Buffer | undefined)
  if (bytes && bytes.length > 0) return bytes
  throw new DataError({ who: 'search', wanted: 'an image', got: bytes ? 'an empty one' : 'none', fix: 'Send its bytes as the body, or a form with one file.' })
}

async function fileOf(request: FastifyRequest): Promise<Uint8Array | undefined> {
  let bytes: Buffer | undefined
  try {
    for await (const part of request.parts()) {
      if (part.type !== 'file') throw wrongForm(`the field \`${part.fieldname}\``)
      if (bytes) throw wrongForm('several files')
      bytes = await part.toBuffer()
    }
  } catch (error) {
    // What the parser of forms says of broken ones has no status.
    if (isMetricLearningError(error) || (error as FastifyError).statusCode !== undefined) throw error
    throw wrongForm(error instanceof Error ? error.message : String(error))
  }
  return bytes
}

const wrongForm = (got: string): DataError =>
  new DataError({ who: 'search', wanted: 'a form with one file and nothing else', got, fix: 'Send one image; `k` goes into the address, as in /search?k=3.' })

function neighboursOf(query: unknown): number {
  const { k = String(NEIGHBOURS), ...others } = query as Readonly<Record<string, string | string[]>>
  const [other] = Object.keys(others)
  if (other !== undefined) throw new OptionError({ who: 'search', wanted: 'no parameter but `k`', got: `\`${other}\``, fix: 'Leave it out.' })
  const count = typeof k === 'string' && /^\d+$/.test(k) ? Number(k) : NaN
  if (count >= 1 && count <= MOST_NEIGHBOURS) return count
  throw new OptionError({ who: 'search', wanted: `\`k\` to be an integer from 1 to ${MOST_NEIGHBOURS}`, got: JSON.stringify(k), fix: 'Ask for another number of neighbours.' })
}

/** What to answer where a request is at fault; `undefined` where the service is. */
function refusalOf(error: FastifyError, fileBytes: number): { readonly status: number; readonly error: { readonly message: string; readonly code: string } } | undefined {
  if (isMetricLearningError(error)) {
    const status = STATUS[error.code]
    return status === undefined ? undefined : { status, error }
  }
  const { statusCode: status = 500, message } = error
  if (status < 400 || status >= 500) return undefined
  const wanted = status === 413 ? `an image file of at most ${fileBytes / 2 ** 20} MiB` : 'an image, as its bytes or as a form with one file'
  const got = status === 413 ? 'a larger one' : message.replace(/\.$/, '')
  return { status, error: new DataError({ who: 'search', wanted, got, fix: status === 413 ? 'Send a smaller one.' : 'Send a PNG or JPEG.', cause: error }) }
}

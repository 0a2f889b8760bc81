import { Random } from '@metric-learning/contracts'
import { type Html, html, section, thumbnail } from '@metric-learning/page'
import { drawQueries, type Query } from '../embeddings/draw-queries.js'
import type { EmbeddingView, EmbeddingViews } from '../embeddings/embedding-view.js'
import { nearestNeighbours } from '../embeddings/nearest-neighbours.js'
import type { ImageSource } from '../gallery/image-source.js'
import { runMark } from './run-key.js'

export interface GallerySectionOptions {
  readonly seed: number
  readonly queries: number
  readonly neighbours: number
  readonly images: ImageSource
}

/** Queries with their nearest neighbours in each model's embeddings; the same queries for all. */
export async function gallerySection(
  { samples, views }: EmbeddingViews,
  { seed, queries, neighbours, images }: GallerySectionOptions,
): Promise<Html | undefined> {
  const drawn = drawQueries(samples.labels, queries, new Random(seed))
  if (drawn.length === 0 || views.length === 0) return undefined
  const shown = new Set<number>()
  const classNameOf = (index: number) => samples.classNames[samples.labels[index]!] ?? String(samples.labels[index])
  const picture = (index: number, label: string) => {
    shown.add(index)
    return html`<svg viewBox="0 0 1 1" role="img" aria-label="${label}"><use href="#sample-${index}"/></svg>`
  }
  const neighbour = (index: number, hit: boolean) => {
    const name = classNameOf(index)
    const [kind, mark] = hit ? ['hit', '✓'] : ['miss', '✗']
    return html`<li class="${kind}">${picture(index, `${name}, ${kind}`)}<span><i>${mark}</i> ${name}</span></li>`
  }
  const answer = ({ label }: Query, { name, series }: EmbeddingView, found: readonly number[]) => {
    const isHit = (row: number) => samples.labels[row] === label
    const score = html`<span>${found.filter(isHit).length} of ${found.length}</span>`
    return html`<div class="answer"><h4>${series === undefined ? undefined : runMark(series)} ${name} ${score}</h4>
<ol style="--count:${found.length}">${found.map((row) => neighbour(row, isHit(row)))}</ol></div>
`
  }
  const nearest = await Promise.all(views.map(({ values, dim }) => nearestNeighbours(values, dim, neighbours, drawn.map(({ index }) => index))))
  const articles = drawn.map((query, at) => {
    const name = classNameOf(query.index)
    return html`<article class="query"><header>${picture(query.index, name)}<h3>${name}</h3></header>
<div class="answers">${views.map((view, i) => answer(query, view, nearest[i]![at]!.rows))}</div></article>
`
  })
  const others = (samples.rows.length - 1).toLocaleString('en-GB')
  const words = [
    html`<span class="hit-word">✓ same class</span>`,
    ', ',
    html`<span class="miss-word">✗ another class</span>`,
  ]
  return section(
    'retrieval',
    'Retrieval',
    html`Samples drawn at random, one a class, and what lies nearest to each among the other ${others}. ${words}.`,
    await definitions(shown, samples.rows, images),
    articles,
  )
}

/** Every picture once; the gallery refers to them. */
async function definitions(shown: Iterable<number>, rows: readonly number[], images: ImageSource): Promise<Html> {
  const symbols: Html[] = []
  for (const index of shown) {
    const row = rows[index]!
    const uri = await thumbnail('writeReport', await images(row), row)
    symbols.push(html`<symbol id="sample-${index}" viewBox="0 0 1 1"><image width="1" height="1" href="${uri}"/></symbol>
`)
  }
  return html`<svg class="definitions" aria-hidden="true">${symbols}</svg>`
}

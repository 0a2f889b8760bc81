import type { Random } from '@metric-learning/contracts'
import { type Html, html, thumbnail } from '@metric-learning/page'
import { drawQueries } from '../embeddings/draw-queries.js'
import { nearestNeighbours } from '../embeddings/nearest-neighbours.js'
import type { ImageSource } from '../gallery/image-source.js'

/** Side of an image, and what lies between two, in pixels. */
const TILE = 72
const GAP = 10
/** Beside the query, before its neighbours. */
const APART = 20

export interface GalleryPictureOptions {
  readonly queries: number
  readonly neighbours: number
  readonly images: ImageSource
  readonly random: Random
}

/** An SVG with its size in pixels. */
export interface SizedPicture {
  readonly svg: Html
  readonly width: number
  readonly height: number
}

/**
 * A row for each query: the query, then its nearest neighbours, nearest first, those of its class in a blue frame with a tick, others in a dashed orange one
 * with a cross. `undefined` where no class has two samples.
 *
 * @param values row-major [rows, dim]
 * @param rows row of the data set of each embedding
 */
export async function galleryPicture(
  values: ArrayLike<number>,
  dim: number,
  labels: readonly number[],
  rows: readonly number[],
  { queries, neighbours, images, random }: GalleryPictureOptions,
): Promise<SizedPicture | undefined> {
  const drawn = drawQueries(labels, queries, random)
  if (drawn.length === 0) return undefined
  const nearest = await nearestNeighbours(values, dim, neighbours, drawn.map(({ index }) => index))
  const lines: Html[] = []
  for (const [line, { index, label }] of drawn.entries()) {
    const top = GAP + line * (TILE + GAP)
    lines.push(image(GAP, top, await thumbnail('embeddingPictures', await images(rows[index]!), rows[index]!)), outline(GAP, top, 'var(--rule)'))
    for (const [place, row] of nearest[line]!.rows.entries()) {
      const left = GAP + TILE + APART + place * (TILE + GAP)
      lines.push(image(left, top, await thumbnail('embeddingPictures', await images(rows[row]!), rows[row]!)), frame(left, top, labels[row] === label))
    }
  }
  const width = 2 * GAP + TILE + APART + neighbours * (TILE + GAP) - GAP
  const height = GAP + drawn.length * (TILE + GAP)
  return { svg: html`<svg viewBox="0 0 ${width} ${height}">${lines}</svg>`, width, height }
}

const image = (x: number, y: number, uri: string) => html`<image x="${x}" y="${y}" width="${TILE}" height="${TILE}" href="${uri}"/>`

const outline = (x: number, y: number, colour: string, dash = 'none') =>
  html`<rect x="${x - 1.5}" y="${y - 1.5}" width="${TILE + 3}" height="${TILE + 3}" rx="4" fill="none" stroke="${colour}" stroke-width="3" stroke-dasharray="${dash}"/>`

function frame(x: number, y: number, isHit: boolean): Html {
  const colour = isHit ? 'var(--hit)' : 'var(--miss)'
  const mark = isHit ? 'M4 9l3.5 3.5L14 5.5' : 'M5 5l8 8M13 5l-8 8'
  return html`${outline(x, y, colour, isHit ? 'none' : '7 4')}<g transform="translate(${x} ${y})"><rect width="18" height="18" fill="#fff"/><path d="${mark}" fill="none" stroke="${colour}" stroke-width="2.4"/></g>`
}

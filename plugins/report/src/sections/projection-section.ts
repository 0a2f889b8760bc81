import { Random } from '@metric-learning/contracts'
import { type Html, html, section } from '@metric-learning/page'
import { drawQueries } from '../embeddings/draw-queries.js'
import type { EmbeddingViews } from '../embeddings/embedding-view.js'
import { FEWEST_ROWS, projectEmbeddings } from '../projection/project-embeddings.js'
import { classSwatch, projectionPicture } from '../projection/projection-picture.js'

export interface ProjectionSectionOptions {
  readonly seed: number
  /** Classes in colour; at most 12 can be told apart. */
  readonly classes: number
  readonly onProgress: (name: string, done: number) => void
}

/** A picture of each model's embeddings, some classes in colour; the same classes in all of them. */
export async function projectionSection(
  { samples, views, others }: EmbeddingViews,
  { seed, classes, onProgress }: ProjectionSectionOptions,
): Promise<Html | undefined> {
  if (samples.rows.length < FEWEST_ROWS || views.length === 0) return undefined
  const highlighted = drawQueries(samples.labels, classes, new Random(seed))
    .map(({ label }) => label)
    .sort((a, b) => a - b)
  const pictures: Html[] = []
  for (const { name, values, dim } of views) {
    const points = await projectEmbeddings(values, dim, { seed, onProgress: (done) => onProgress(name, done) })
    const picture = projectionPicture(points, samples.labels, highlighted, `Embeddings in the plane, ${name}`)
    pictures.push(html`<figure class="panel"><figcaption><b>${name}</b></figcaption>${picture}</figure>
`)
  }
  const all = new Set(samples.labels).size
  const some =
    all > highlighted.length
      ? `${highlighted.length} of ${all} classes, drawn at random, are in colour, the others grey.`
      : `All ${all} classes are in colour.`
  const legend = highlighted.map(
    (label, index) => html`<li>${classSwatch(index)} ${samples.classNames[label] ?? String(label)}</li>`,
  )
  return section(
    'embeddings',
    'Embedding space',
    [
      `${samples.rows.length.toLocaleString('en-GB')} embeddings of the split “${samples.split}”,`,
      `projected to the plane by UMAP. ${some}`,
      'Only who is near whom has a meaning, not the axes nor how far apart groups are.',
    ].join(' '),
    html`<ul class="key">${legend}</ul>`,
    html`<div class="panels pictures">${pictures}</div>`,
    others.length > 0 &&
      html`<p class="note">Not shown, having been evaluated on other samples: ${others.join(', ')}.</p>`,
  )
}

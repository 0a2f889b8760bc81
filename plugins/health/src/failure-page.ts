import { html, page, section, type Html, type HtmlPart } from '@metric-learning/page'
import { causeTexts } from './cause-texts.js'
import type { Diagnosis, ParameterFinding, SampleFinding } from './diagnosis.js'
import type { HealthFinding } from './finding.js'
import type { Look } from './look.js'

/** What the page of a run that broke shows. */
export interface FailurePageParts {
  readonly diagnosis: Diagnosis
  /** What the error says. */
  readonly message: string
  /** What was found before. */
  readonly findings: readonly HealthFinding[]
  /** The last looks at the run, oldest first. */
  readonly looks: readonly Look[]
  /** Pictures of samples by position, as data URIs. */
  readonly pictures: ReadonlyMap<number, string>
  readonly datasetName: string
  readonly date: Date
}

const STYLE = `
.broken { color: var(--miss); font-weight: 600 }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 20px 16px; margin-top: 20px }
.samples li { min-width: 0; font-size: 13px; line-height: 1.35; overflow-wrap: anywhere }
.samples img { display: block; width: 100%; max-width: 124px; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; margin-bottom: 5px; border: 3px solid var(--rule); border-radius: 6px; background: #fff }
.samples .named img { border: 3px dashed var(--miss) }
.samples b { display: block; font-size: 14px } .samples .named b { color: var(--miss) }
.samples span { display: block; color: var(--muted) }
.steps li { margin-top: 8px; max-width: 50em }
`

/** Samples and parameters of which there are more are cut off: those that are named, or broken, come first. */
const MOST_SAMPLES = 24
const MOST_PARAMETERS = 40

/** Positions of the samples that the page shows. */
export const shownSamples = (samples: readonly SampleFinding[]): readonly SampleFinding[] =>
  [...samples].sort((a, b) => Number(b.isNamed) - Number(a.isNamed)).slice(0, MOST_SAMPLES)

/** What a run broke on, as one document that needs no other file. */
export function failurePage(parts: FailurePageParts): Html {
  const { diagnosis, message, findings, looks, pictures, datasetName, date } = parts
  const { heading, what, advice } = causeTexts(diagnosis)
  const { epoch, step, hasChanged, samples, obstacle } = diagnosis
  const kept = hasChanged ? 'Parameters have changed since; go on from a checkpoint.' : 'The step changed nothing: all weights are as the step before left them.'
  return page({
    title: heading,
    summary: `Training stopped in step ${step} of epoch ${epoch}. ${what}`,
    style: STYLE,
    sections: [
      section('next', 'What to do', '', html`<ul class="steps"><li>${advice}</li><li>${kept}</li>${obstacle !== undefined && html`<li>The step could not be taken again as a whole: ${obstacle}</li>`}</ul><pre><code>${message}</code></pre>`),
      termsSection(diagnosis),
      samples.length > 0 && samplesSection(samples, pictures, datasetName),
      parametersSection(diagnosis.parameters),
      looks.length > 0 && looksSection(looks),
      findings.length > 0 && section('before', 'Found before', 'Warnings of this run, oldest first.', html`<ul class="steps">${findings.map(({ step: at, message: text }) => html`<li>Step ${at}: ${text}</li>`)}</ul>`),
      samples.length > 0 && section('files', 'Files', 'Beside this page.', html`<ul class="steps"><li><code>batch.safetensors</code>: the batch as it was loaded (<code>views.0</code>, …), its <code>rows</code> and <code>labels</code>, and its <code>embeddings</code>.</li><li><code>failure.json</code>: all that this page says, as data.</li></ul>`),
    ],
    footer: `Written on ${date.toISOString().slice(0, 16).replace('T', ' at ')} UTC.`,
  })
}

function termsSection({ terms, cause }: Diagnosis): Html | undefined {
  const entries = Object.entries(terms)
  if (entries.length === 0) return undefined
  const rows = entries.map(([name, value]) => html`<tr><th>${name}</th><td>${number(value)}</td><td>${cause.terms.includes(name) ? broken(Number.isFinite(value) ? 'its gradient' : 'its value') : 'nothing'}</td></tr>`)
  return section('terms', 'Loss terms', 'Weighted, of this batch.', table(['term', 'value', 'what broke'], rows))
}

function samplesSection(samples: readonly SampleFinding[], pictures: ReadonlyMap<number, string>, datasetName: string): Html {
  const shown = shownSamples(samples)
  const items = shown.map(({ index, row, className, isNamed, norm, gradientNorm }) => {
    const uri = pictures.get(index)
    const facts = [
      ...(norm === undefined ? [] : [html`<span>norm ${number(norm)}</span>`]),
      ...(gradientNorm === undefined ? [] : [html`<span>gradient ${number(gradientNorm)}</span>`]),
    ]
    const name = `${isNamed ? '✗ ' : ''}${className}`
    return html`<li${isNamed && html` class="named"`}>${uri !== undefined && html`<img src="${uri}" alt="row ${row}, ${className}">`}<b>${name}</b><span>row ${row}, position ${index}</span>${facts}</li>
`
  })
  const lead = html`Of ${datasetName}, as they were loaded; ${html`<span class="broken">✗ those that broke</span>`} first. Below: the norm of the embedding, and of the gradient at it.`
  const more = samples.length - shown.length
  return section('samples', 'Samples of the batch', lead, html`<ul class="samples">${items}</ul>`, more > 0 && html`<p class="note">And ${more} more, in failure.json.</p>`)
}

function parametersSection(parameters: readonly ParameterFinding[]): Html {
  const isBroken = ({ broken: values, gradient }: ParameterFinding) => values > 0 || (gradient?.broken ?? 0) > 0
  const inOrder = [...parameters.filter(isBroken), ...parameters.filter((parameter) => !isBroken(parameter))]
  const rows = inOrder.slice(0, MOST_PARAMETERS).map(({ name, shape, broken: values, largest, gradient }) => {
    const slope: HtmlPart = gradient === undefined ? 'none' : gradient.broken > 0 ? broken(`${gradient.broken} broken`) : number(gradient.norm)
    return html`<tr><th>${breakable(name)}</th><td>${values > 0 ? broken(`${values} broken`) : number(largest)}</td><td>${slope}</td><td>[${shape.join(', ')}]</td></tr>`
  })
  const more = parameters.length - MOST_PARAMETERS
  return section(
    'parameters',
    'Parameters',
    'Those that are broken first, else from the input to the output: the largest value before the step, and the norm of the gradient.',
    table(['path', 'largest', 'gradient', 'shape'], rows),
    more > 0 && html`<p class="note">And ${more} more, in failure.json.</p>`,
  )
}

function looksSection(looks: readonly Look[]): Html {
  const tags = [...new Set(looks.flatMap(({ values }) => [...values.keys()]))].filter((tag) => /^(train\/(loss|spread|norm)|gradientNorm|rate)\b/.test(tag)).slice(0, 8)
  const rows = looks.map(({ step, values }) => html`<tr><th>${step}</th>${tags.map((tag) => html`<td>${values.has(tag) ? number(values.get(tag)!) : ''}</td>`)}</tr>`)
  return section('looks', 'Before it broke', 'What the run logged last.', table(['step', ...tags], rows))
}

const table = (headings: readonly string[], rows: readonly Html[]): Html =>
  html`<div class="scroll"><table class="many"><thead><tr>${headings.map((heading) => html`<th>${heading}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`

const broken = (text: string): Html => html`<span class="broken">✗ ${text}</span>`

/** A path that may go on in the next line after each part. */
const breakable = (path: string): readonly Html[] => path.split('.').map((part, i) => (i === 0 ? html`${part}` : html`.<wbr>${part}`))

/** Four digits; what is no number as it is. */
const number = (value: number): HtmlPart => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : broken(String(value)))

import { describe, expect, it } from 'vitest'
import { documentedLosses } from './losses.js'
import { partOptionDoc } from './option-doc.js'

const losses = documentedLosses()

/** Every declared option, with what stands above it. */
const options = losses.flatMap(({ name, declaredOptions, source }) =>
  Object.entries(declaredOptions).map(([option, declared]) => ({ title: `${name} ${option}`, option, declared, source, doc: source.options.get(option) ?? '' })),
)

/** These differ from loss to loss; the docstring of the class names them. */
const namedByLoss = ['distance', 'reducer', 'weightInitFunc']

describe('partOptionDoc', () => {
  it('tells prose, default and schedule apart', () => {
    expect(partOptionDoc('Divides the similarities. Above 0. Default 0.07. May be scheduled.')).toEqual({
      prose: 'Divides the similarities. Above 0.',
      default: '0.07',
      saysScheduled: true,
    })
    expect(partOptionDoc('In degrees. Default 28.6 (0.5 rad).')).toEqual({ prose: 'In degrees.', default: '28.6 (0.5 rad)', saysScheduled: false })
    expect(partOptionDoc('The boundary. Default: one for all. May be scheduled unless it is learnt.').prose).toBe(
      'The boundary. May be scheduled unless it is learnt.',
    )
  })
})

describe('What stands above a declared option', () => {
  it('is there for each', () => {
    expect(options.filter(({ doc }) => partOptionDoc(doc).prose === '').map(({ title }) => title)).toEqual([])
  })

  it('says the default that is declared', () => {
    const wrong = options.filter(({ option, declared, doc }) => {
      const stated = partOptionDoc(doc).default
      if (namedByLoss.includes(option)) return !doc.includes('Each loss names its default.')
      if (declared.presence === 'required') return stated !== undefined
      return stated === undefined || (declared.presence === 'defaulted' && valueOf(stated, declared.default) !== declared.default)
    })
    expect(wrong.map(({ title, doc, declared }) => `${title}: ${String(declared.default)}, but "${doc}"`)).toEqual([])
  })

  it('says the range that is declared, where it says one', () => {
    const wrong = options.filter(({ declared, doc }) => {
      const [, low, high] = /\b[Ii]n \[(-?[\d.]+), (-?[\d.]+)[\])]/.exec(doc) ?? []
      const said = [
        ...(low === undefined ? [] : [`at least ${low}`, `at most ${high!}`]),
        ...[...doc.matchAll(/\b([Aa]bove|[Bb]elow|[Aa]t least|[Aa]t most) (-?\d[\d.e-]*?)(?=[,;:.]?(?:\s|$))/g)].map(([, word, number]) => `${word!.toLowerCase()} ${Number(number)}`),
      ]
      return said.some((bound) => !declared.takes.includes(bound))
    })
    expect(wrong.map(({ title, declared, doc }) => `${title} takes ${declared.takes}: "${doc}"`)).toEqual([])
  })

  it('says `May be scheduled` where it may, and nowhere else', () => {
    const wrong = options.filter(({ declared, doc }) => partOptionDoc(doc).saysScheduled !== declared.isSchedulable)
    expect(wrong.map(({ title, doc }) => `${title}: "${doc}"`)).toEqual([])
  })

  it('leaves the distance to the docstring of the class, which names it', () => {
    const unnamed = losses.filter(({ source }) => {
      const distance = /^new (\w+)/.exec(source.made.get('distance') ?? '')?.[1]
      return distance !== undefined && !source.paragraphs.some((paragraph) => paragraph.includes(distance))
    })
    expect(unnamed.map(({ name }) => name)).toEqual([])
  })
})

/** What is stated at the beginning of a text, as a value of the kind of another. */
function valueOf(stated: string, like: unknown): unknown {
  if (typeof like === 'number') return Number(/^-?[\d.]+(?:e-?\d+)?/.exec(stated)?.[0])
  const text = /^(?:`?'?)(\w+)/.exec(stated)?.[1]
  return typeof like === 'boolean' ? text === 'true' : text
}

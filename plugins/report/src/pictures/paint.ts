import sharp from 'sharp'
import { type Html, STYLE } from '@metric-learning/page'

/** The colours of the page, as they are in the light. */
const LIGHT = new Map([...STYLE.slice(0, STYLE.indexOf('}')).matchAll(/(--\w+): ([^;]+);/g)].map(([, name, value]) => [name!, value!]))
const inLight = (text: string) => text.replace(/var\((--\w+)\)/g, (all, name: string) => LIGHT.get(name) ?? all)

/** What the style sheet says of the pictures that are painted. */
const RULES = STYLE.split('\n').filter((line) => line.startsWith('.scatter')).join('\n')

/** A picture as a logger takes it. */
export interface Painted {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** Draws the markup of an SVG on white, in the light colours of the page. */
export async function paint(svg: Html, width: number, height: number): Promise<Painted> {
  const whole = svg.markup.replace('<svg ', `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" `).replace(/(<svg [^>]*>)/, `$1<style>${RULES}</style>`)
  const png = await sharp(Buffer.from(inLight(whole))).flatten({ background: '#fff' }).png({ compressionLevel: 9 }).toBuffer()
  return { png, width, height }
}

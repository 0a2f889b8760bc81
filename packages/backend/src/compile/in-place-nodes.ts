import type * as tf from '@tensorflow/tfjs-core'
import type { InPlaceRule } from '@metric-learning/ops'
import { DATA_TYPE } from '../native/data-types.js'
import type { NodeMessage } from './graph-messages.js'

const float32 = { type: DATA_TYPE.float32 }

/**
 * TensorFlow's operations that carry out a rule on resource variables.
 *
 * @param handles of the parameter and its slots
 * @param gradient where it is; that of an average is none
 * @param handleOf says what the handle of another variable is
 * @param sourceOf says where in the graph a value is
 */
export function inPlaceNodes(
  rule: InPlaceRule,
  handles: readonly string[],
  gradient: string,
  sourceOf: (value: tf.Tensor | number) => string,
  handleOf: (variable: tf.Variable) => string,
): NodeMessage[] {
  const parameter = handles[0]!
  const apply = (op: string, input: readonly string[], attr: NodeMessage['attr'] = {}): NodeMessage => ({
    name: `${parameter}/update`,
    op,
    input: [...handles, ...input],
    attr: { T: float32, use_locking: { b: false }, ...attr },
  })
  switch (rule.name) {
    case 'descent':
      return [apply('ResourceApplyGradientDescent', [sourceOf(rule.rate), gradient])]
    case 'momentum':
      return [
        apply('ResourceApplyMomentum', [sourceOf(rule.rate), gradient, sourceOf(rule.momentum)], {
          use_nesterov: { b: rule.nesterov },
        }),
      ]
    case 'adam': {
      // The powers of β that would correct the step size are 0: it is corrected already.
      const [none, rate, beta1, beta2, epsilon] = [0, rule.stepSize, rule.beta1, rule.beta2, rule.epsilon].map(sourceOf)
      const update = apply('ResourceApplyAdam', [none!, none!, rate!, beta1!, beta2!, epsilon!, gradient], {
        use_nesterov: { b: false },
      })
      return rule.shrink ? [...shrinkNodes(parameter, sourceOf(rule.shrink)), update] : [update]
    }
    case 'average': {
      // What the other variable holds by then: computed anew from what was recorded, that would be its whole update a second time.
      const [moved, apart] = [`${parameter}/towards`, `${parameter}/apart`]
      return [
        { name: moved, op: 'ReadVariableOp', input: [handleOf(rule.of)], attr: { dtype: float32 } },
        { name: apart, op: 'Sub', input: [`${parameter}/read:0`, `${moved}:0`], attr: { T: float32 } },
        apply('ResourceApplyGradientDescent', [sourceOf(rule.share), `${apart}:0`]),
      ]
    }
  }
}

/** θ ← θ - θ · shrink. */
function shrinkNodes(parameter: string, shrink: string): NodeMessage[] {
  const [lost, shrunk] = [`${parameter}/lost`, `${parameter}/shrunk`]
  return [
    { name: lost, op: 'Mul', input: [`${parameter}/read:0`, shrink], attr: { T: float32 } },
    { name: shrunk, op: 'AssignSubVariableOp', input: [parameter, `${lost}:0`], attr: { dtype: float32 } },
  ]
}

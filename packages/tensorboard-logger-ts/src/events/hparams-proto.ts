import protobuf from 'protobufjs/light.js'
import { wellFormed } from './well-formed.js'

/** The value of a hyperparameter. */
export type HparamValue = string | number | boolean

/** How a session ended. */
export type SessionStatus = 'success' | 'failure'

/** What an experiment is about: which hyperparameters and metrics its runs are compared by. */
export interface HparamsExperiment {
  /** Names of the hyperparameters, with the type of their values. */
  readonly hparams: Readonly<Record<string, 'string' | 'number' | 'boolean'>>
  /** Tags of scalars. */
  readonly metrics: readonly string[]
}

/** @see tensorboard/plugins/hparams/{plugin_data,api}.proto, google/protobuf/struct.proto */
const root = protobuf.Root.fromJSON({
  nested: {
    HParamsPluginData: {
      oneofs: { data: { oneof: ['experiment', 'sessionStartInfo', 'sessionEndInfo'] } },
      fields: {
        version: { id: 1, type: 'int32' },
        experiment: { id: 2, type: 'Experiment' },
        sessionStartInfo: { id: 3, type: 'SessionStartInfo' },
        sessionEndInfo: { id: 4, type: 'SessionEndInfo' },
      },
    },
    SessionStartInfo: { fields: { hparams: { id: 1, keyType: 'string', type: 'Value' } as protobuf.IField, startTimeSecs: { id: 5, type: 'double' } } },
    SessionEndInfo: { fields: { status: { id: 1, type: 'int32' }, endTimeSecs: { id: 2, type: 'double' } } },
    Value: {
      oneofs: { kind: { oneof: ['numberValue', 'stringValue', 'boolValue'] } },
      fields: { numberValue: { id: 2, type: 'double' }, stringValue: { id: 3, type: 'string' }, boolValue: { id: 4, type: 'bool' } },
    },
    Experiment: {
      fields: {
        timeCreatedSecs: { id: 3, type: 'double' },
        hparamInfos: { id: 4, rule: 'repeated', type: 'HParamInfo' },
        metricInfos: { id: 5, rule: 'repeated', type: 'MetricInfo' },
      },
    },
    HParamInfo: { fields: { name: { id: 1, type: 'string' }, type: { id: 4, type: 'int32' } } },
    MetricInfo: { fields: { name: { id: 1, type: 'MetricName' } } },
    MetricName: { fields: { tag: { id: 2, type: 'string' } } },
  },
})

const PluginData = root.lookupType('HParamsPluginData')

/** Tags under which TensorBoard's hparams plugin looks for what follows. */
export const HPARAMS_TAGS = {
  experiment: '_hparams_/experiment',
  start: '_hparams_/session_start_info',
  end: '_hparams_/session_end_info',
} as const

const STATUS = { success: 1, failure: 2 } as const
const TYPE = { string: 1, boolean: 2, number: 3 } as const

const encode = (data: object): Uint8Array => PluginData.encode({ version: 0, ...data }).finish()

export const encodeSessionStart = (hparams: Readonly<Record<string, HparamValue>>, startTimeSecs: number): Uint8Array =>
  encode({ sessionStartInfo: { startTimeSecs, hparams: Object.fromEntries(Object.entries(hparams).map(([name, value]) => [wellFormed(name), encodedValue(value)])) } })

export const encodeSessionEnd = (status: SessionStatus, endTimeSecs: number): Uint8Array => encode({ sessionEndInfo: { status: STATUS[status], endTimeSecs } })

export const encodeExperiment = ({ hparams, metrics }: HparamsExperiment, timeCreatedSecs: number): Uint8Array =>
  encode({
    experiment: {
      timeCreatedSecs,
      hparamInfos: Object.entries(hparams).map(([name, type]) => ({ name: wellFormed(name), type: TYPE[type] })),
      metricInfos: metrics.map((tag) => ({ name: { tag: wellFormed(tag) } })),
    },
  })

function encodedValue(value: HparamValue): object {
  if (typeof value === 'number') return { numberValue: value }
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: wellFormed(value) }
}

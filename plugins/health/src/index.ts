export type { Cause, CauseKind, Diagnosis, HostEmbeddings, ParameterFinding, SampleFinding } from './diagnosis.js'
export type { HealthCondition, HealthFinding } from './finding.js'
export { health, type HealthFailure, type HealthOptions, type HealthPlugin } from './health.js'

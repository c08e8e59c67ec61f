import type { ModelBinding } from '#server/access/model/model-binding.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'

/** A model service and a binding as tests start from; every field can be overridden. */
export function sampleService(spec: Partial<ModelService['spec']> = {}): ModelService {
  return {
    apiVersion: 'bindery.dev/v1alpha1',
    kind: 'ModelService',
    metadata: {
      namespace: 'model-serving-prod',
      name: 'vibethinker',
      uid: 'service-uid',
      generation: 1,
    },
    spec: {
      displayName: 'VibeThinker-1.5B',
      description: '',
      model: 'vibethinker-1.5b',
      strengths: [],
      weaknesses: [],
      service: {
        name: 'vibethinker-svc',
        port: 8080,
        podSelector: { 'app.kubernetes.io/name': 'bindery-gateway' },
        podPort: 8080,
      },
      engines: { stable: { service: 'vibethinker-app', port: 8000 } },
      presets: [],
      limits: {
        maxDurationDays: 180,
        maxQuota: { requestsPerMinute: 600, tokensPerDay: 20_000_000, concurrency: 14 },
        contextTokens: 131_072,
      },
      benchmarks: [],
      approval: { required: 1, allowSelfApproval: false },
      identity: { podIP: true },
      ...spec,
    },
  }
}

export function sampleBinding(spec: Partial<ModelBinding['spec']> = {}): ModelBinding {
  return {
    apiVersion: 'bindery.dev/v1alpha1',
    kind: 'ModelBinding',
    metadata: {
      namespace: 'research-team-a',
      name: 'vibethinker',
      uid: '0d0f3cf4-5f43-4a9b-9d7a-2f4d2cbb2a11',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-11-24T08:00:00Z',
      annotations: { 'bindery.dev/requested-by': 'ada' },
    },
    spec: {
      modelService: { namespace: 'model-serving-prod', name: 'vibethinker' },
      strategy: 'ExternalName',
      alias: 'vibethinker-gateway',
      justification: 'We compare proofs of olympiad inequalities.',
      purpose: 'Research',
      durationDays: 30,
      quota: { requestsPerMinute: 60, tokensPerDay: 2_000_000, concurrency: 2 },
      ...spec,
    },
  }
}

import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'

export type Selector = { matchLabels?: Record<string, string>; matchExpressions?: unknown[] }

export type MatchResources = {
  namespaceSelector?: Selector
  objectSelector?: Selector
  resourceRules?: {
    apiGroups?: string[]
    resources?: string[]
    resourceNames?: string[]
    operations?: string[]
  }[]
}

export type AdmissionPolicy = KubeObject & {
  spec: {
    failurePolicy?: 'Fail' | 'Ignore'
    paramKind?: { apiVersion: string; kind: string }
    matchConstraints?: MatchResources
  }
  status?: {
    typeChecking?: { expressionWarnings?: { fieldRef: string; warning: string }[] }
  }
}
export const AdmissionPolicy = admission<AdmissionPolicy>(
  'ValidatingAdmissionPolicy',
  'validatingadmissionpolicies',
)

export type AdmissionPolicyBinding = KubeObject & {
  spec: {
    policyName: string
    validationActions?: string[]
    paramRef?: {
      name?: string
      namespace?: string
      parameterNotFoundAction?: 'Allow' | 'Deny'
    }
    matchResources?: MatchResources
  }
}
export const AdmissionPolicyBinding = admission<AdmissionPolicyBinding>(
  'ValidatingAdmissionPolicyBinding',
  'validatingadmissionpolicybindings',
)

export type WebhookConfiguration = KubeObject & {
  webhooks?: {
    name: string
    failurePolicy?: 'Fail' | 'Ignore'
    clientConfig: { service?: { namespace: string; name: string } }
  }[]
}
export const ValidatingWebhooks = admission<WebhookConfiguration>(
  'ValidatingWebhookConfiguration',
  'validatingwebhookconfigurations',
)
export const MutatingWebhooks = admission<WebhookConfiguration>(
  'MutatingWebhookConfiguration',
  'mutatingwebhookconfigurations',
)

function admission<T extends KubeObject>(kind: string, plural: string): Kind<T> {
  const group = 'admissionregistration.k8s.io'
  return { group, version: 'v1', kind, plural, namespaced: false }
}

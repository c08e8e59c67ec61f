import type { BindPlan, UnbindPlan } from '#server/access/model/plan.ts'
import { ownLabels } from '#server/access/model/render-plan.ts'
import type { Pod } from '#server/platform/kube/kinds.ts'
import { apiVersion, gatewayAudience, probePod } from '#server/platform/model/names.ts'

export type TenantTry = {
  expect: 'access' | 'refusal'
  address: string
  model: string
}

/** How long the try itself may last, and after which the cluster ends the pod. */
export const tryMaxSeconds = 60
export const podMaxSeconds = 120

/** The one shape that policies/probe.yaml lets through; fit for namespaces that enforce `restricted` and quotas. */
export function probePodOf(
  { binding }: Pick<BindPlan | UnbindPlan, 'binding'>,
  image: string,
  asked: TenantTry,
): Pod {
  const { namespace, name, uid } = binding
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name: probePod,
      labels: ownLabels({ metadata: { namespace, name, uid } }),
      // Whatever becomes of the run, the pod goes with its binding.
      ownerReferences: [{ apiVersion, kind: 'ModelBinding', name, uid }],
    },
    spec: specOf(`${namespace}/${name}`, image, asked),
  }
}

function specOf(binding: string, image: string, { expect, address, model }: TenantTry) {
  const directory = '/var/run/bindery'
  return {
    serviceAccountName: 'default',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: 'Never',
    activeDeadlineSeconds: podMaxSeconds,
    terminationGracePeriodSeconds: 1,
    securityContext: {
      // By no fixed number: our image names its own user, and OpenShift gives each namespace its own.
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'probe',
        image,
        args: [
          'task',
          'use-access',
          `--expect=${expect}`,
          `--address=${address}`,
          `--model=${model}`,
          `--binding=${binding}`,
          `--token-file=${directory}/token`,
          '--seen-file=/dev/termination-log',
          `--timeout-seconds=${tryMaxSeconds}`,
        ],
        // Where the try fails, its last words are the message.
        terminationMessagePolicy: 'FallbackToLogsOnError',
        securityContext: {
          runAsNonRoot: true,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: {
          requests: { cpu: '10m', memory: '64Mi' },
          limits: { cpu: '500m', memory: '256Mi' },
        },
        volumeMounts: [{ name: 'gateway-token', mountPath: directory, readOnly: true }],
      },
    ],
    volumes: [
      {
        name: 'gateway-token',
        projected: {
          sources: [
            {
              serviceAccountToken: {
                audience: gatewayAudience,
                expirationSeconds: 600,
                path: 'token',
              },
            },
          ],
        },
      },
    ],
  }
}

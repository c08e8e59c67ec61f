import type { Shape } from './validate/decode-fields.ts'

type Fields = Record<string, Shape>

const strings: Shape = { list: 'string' }
const resources: Shape = {
  type: 'ResourceRequirements',
  fields: {
    limits: { map: 'any' },
    requests: { map: 'any' },
    claims: { list: 'any' },
  },
}
const keyRef = (type: string): Shape => ({
  type,
  fields: { name: 'string', key: 'text', optional: 'flag' },
})
const sourceRef = (type: string): Shape => ({ type, fields: { name: 'string', optional: 'flag' } })

const env: Shape = {
  list: {
    type: 'EnvVar',
    fields: {
      name: 'text',
      value: 'string',
      valueFrom: {
        type: 'EnvVarSource',
        fields: {
          fieldRef: {
            type: 'ObjectFieldSelector',
            fields: { apiVersion: 'string', fieldPath: 'text' },
          },
          resourceFieldRef: {
            type: 'ResourceFieldSelector',
            fields: { containerName: 'string', resource: 'text', divisor: 'any' },
          },
          configMapKeyRef: keyRef('ConfigMapKeySelector'),
          secretKeyRef: keyRef('SecretKeySelector'),
          fileKeyRef: 'any',
        },
      },
    },
  },
}
const volumeMounts: Shape = {
  list: {
    type: 'VolumeMount',
    fields: {
      name: 'text',
      readOnly: 'boolean',
      recursiveReadOnly: 'string',
      mountPath: 'text',
      subPath: 'string',
      mountPropagation: 'string',
      subPathExpr: 'string',
    },
  },
}
const securityContext: Shape = {
  type: 'SecurityContext',
  fields: {
    capabilities: { type: 'Capabilities', fields: { add: strings, drop: strings } },
    privileged: 'flag',
    seLinuxOptions: 'any',
    windowsOptions: 'any',
    runAsUser: 'count',
    runAsGroup: 'count',
    runAsNonRoot: 'flag',
    readOnlyRootFilesystem: 'flag',
    allowPrivilegeEscalation: 'flag',
    procMount: 'string',
    seccompProfile: {
      type: 'SeccompProfile',
      fields: { type: 'text', localhostProfile: 'string' },
    },
    appArmorProfile: 'any',
  },
}
const container: Fields = {
  image: 'string',
  command: strings,
  args: strings,
  workingDir: 'string',
  envFrom: {
    list: {
      type: 'EnvFromSource',
      fields: {
        prefix: 'string',
        configMapRef: sourceRef('ConfigMapEnvSource'),
        secretRef: sourceRef('SecretEnvSource'),
      },
    },
  },
  env,
  computeResources: resources,
  volumeMounts,
  volumeDevices: { list: 'any' },
  imagePullPolicy: 'string',
  securityContext,
}
const workspaceUsages: Shape = {
  list: {
    type: 'WorkspaceUsage',
    fields: { name: 'text', mountPath: 'text' },
    always: { mountPath: '' },
  },
}
const properties: Shape = { map: { type: 'PropertySpec', fields: { type: 'string' } } }
const params: Shape = { list: { type: 'Param', fields: { name: 'text', value: 'value' } } }
const output: Shape = { type: 'StepOutputConfig', fields: { path: 'string' } }
const results: Shape = {
  list: {
    type: 'TaskResult',
    fields: { name: 'text', type: 'string', properties, description: 'string', value: 'value' },
  },
}
const step: Shape = {
  type: 'Step',
  always: { name: '', computeResources: {} },
  fields: {
    ...container,
    name: 'text',
    displayName: 'string',
    script: 'string',
    timeout: 'duration',
    workspaces: workspaceUsages,
    onError: 'string',
    stdoutConfig: output,
    stderrConfig: output,
    ref: {
      type: 'Ref',
      fields: { name: 'string', resolver: 'string', params },
    },
    params,
    results,
    when: {
      list: {
        type: 'WhenExpression',
        fields: { input: 'string', operator: 'string', values: strings, cel: 'string' },
      },
    },
  },
}
const sidecar: Shape = {
  type: 'Sidecar',
  always: { name: '', computeResources: {} },
  fields: {
    ...container,
    name: 'text',
    script: 'string',
    workspaces: workspaceUsages,
    ports: { list: 'any' },
    livenessProbe: 'any',
    readinessProbe: 'any',
    startupProbe: 'any',
    lifecycle: 'any',
    terminationMessagePath: 'string',
    terminationMessagePolicy: 'string',
    stdin: 'boolean',
    stdinOnce: 'boolean',
    tty: 'boolean',
    restartPolicy: 'string',
  },
}
const volumeSources =
  'hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs persistentVolumeClaim rbd flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap vsphereVolume quobyte azureDisk photonPersistentDisk projected portworxVolume scaleIO storageos csi ephemeral image'
const volumes: Shape = {
  list: {
    type: 'Volume',
    fields: {
      name: 'text',
      ...Object.fromEntries(
        volumeSources.split(' ').map((source): [string, Shape] => [source, 'any']),
      ),
    },
  },
}

/** TaskSpec of tekton.dev/v1, field by field. */
export const taskSpecShape: Shape = {
  type: 'TaskSpec',
  fields: {
    params: {
      list: {
        type: 'ParamSpec',
        fields: {
          name: 'text',
          type: 'string',
          description: 'string',
          properties,
          default: 'value',
          enum: strings,
        },
      },
    },
    displayName: 'string',
    description: 'string',
    steps: { list: step },
    volumes,
    stepTemplate: { type: 'StepTemplate', always: { computeResources: {} }, fields: container },
    sidecars: { list: sidecar },
    workspaces: {
      list: {
        type: 'WorkspaceDeclaration',
        fields: {
          name: 'text',
          description: 'string',
          mountPath: 'string',
          readOnly: 'boolean',
          optional: 'boolean',
        },
      },
    },
    results,
  },
}

const specOverrides = (type: string): Shape => ({
  list: {
    type,
    fields: { name: 'text', computeResources: resources },
    always: { computeResources: {} },
  },
})
const podTemplateFields =
  'nodeSelector tolerations affinity securityContext runtimeClassName automountServiceAccountToken dnsPolicy dnsConfig enableServiceLinks priorityClassName schedulerName imagePullSecrets hostAliases hostNetwork hostUsers topologySpreadConstraints'

/** TaskRunSpec of tekton.dev/v1, field by field. */
export const taskRunSpecShape: Shape = {
  type: 'TaskRunSpec',
  always: { serviceAccountName: '' },
  fields: {
    debug: 'any',
    params,
    serviceAccountName: 'text',
    taskRef: {
      type: 'TaskRef',
      fields: {
        name: 'string',
        kind: 'string',
        apiVersion: 'string',
        resolver: 'string',
        params,
      },
    },
    taskSpec: taskSpecShape,
    status: 'string',
    statusMessage: 'string',
    retries: 'integer',
    timeout: 'duration',
    podTemplate: {
      type: 'Template',
      fields: {
        ...Object.fromEntries(
          podTemplateFields.split(' ').map((field): [string, Shape] => [field, 'any']),
        ),
        env,
        volumes,
      },
    },
    workspaces: {
      list: {
        type: 'WorkspaceBinding',
        fields: {
          name: 'text',
          subPath: 'string',
          volumeClaimTemplate: 'any',
          persistentVolumeClaim: 'any',
          emptyDir: 'any',
          configMap: 'any',
          secret: 'any',
          projected: 'any',
          csi: 'any',
        },
      },
    },
    stepSpecs: specOverrides('TaskRunStepSpec'),
    sidecarSpecs: specOverrides('TaskRunSidecarSpec'),
    computeResources: resources,
    managedBy: 'string',
  },
}

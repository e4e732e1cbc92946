{{- define "callwarden.labels" -}}
app.kubernetes.io/name: callwarden
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "callwarden.selector" -}}
app.kubernetes.io/name: callwarden
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "callwarden.image" -}}
{{- if contains "@" .Values.image.repository -}}
{{ .Values.image.repository }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* Bytes of a size as Kubernetes or the policy writes it: 512Mi, 1Gi, 500 MB, 2 GB. */ -}}
{{- define "callwarden.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "kB" 1000 "M" 1000000 "MB" 1000000 "G" 1000000000 "GB" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 -}}
{{- $unit := regexFind "[A-Za-z]*$" . -}}
{{- if not (hasKey $units $unit) }}{{ fail (printf "%s is no size such as 512Mi, 1Gi or 2 GB" .) }}{{ end -}}
{{- mul (regexFind "^[0-9]+" . | int64) (get $units $unit | int64) -}}
{{- end }}

{{- /* Temporary space of one step: (dict "root" $ "step" "ingest"). */ -}}
{{- define "callwarden.temporary" -}}
{{- $files := get .root.Values.temporaryFiles .step | default 0 | int64 -}}
{{- if eq $files 0 -}}
67108864
{{- else if .root.Values.temporarySpace -}}
{{- include "callwarden.bytes" (toString .root.Values.temporarySpace) -}}
{{- else -}}
{{- $policy := fromYaml .root.Values.policy -}}
{{- $limits := get $policy "limits" | default dict -}}
{{- mul $files (include "callwarden.bytes" (get $limits "max_audio" | required "policy: limits.max_audio is missing" | toString) | int64) -}}
{{- end -}}
{{- end }}

{{- /* A setting as text; what takes several values takes a list. */ -}}
{{- define "callwarden.setting" -}}
{{- if kindIs "slice" . }}{{ join "," . }}{{ else }}{{ toString . }}{{ end -}}
{{- end }}

{{- define "callwarden.hasCa" -}}
{{- if and .Values.ca.configMapName .Values.ca.secretName }}{{ fail "ca: name a ConfigMap or a Secret, not both" }}{{ end -}}
{{- if or .Values.ca.configMapName .Values.ca.secretName }}yes{{ end -}}
{{- end }}

{{- define "callwarden.container" -}}
image: {{ include "callwarden.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
envFrom:
  - configMapRef: {name: {{ .Release.Name }}-settings}
  - secretRef: {name: {{ required "secretName: a Secret with CALLWARDEN_DATABASE and the other secrets" .Values.secretName }}}
volumeMounts:
  - {name: policy, mountPath: /etc/callwarden, readOnly: true}
  - {name: state, mountPath: /var/lib/callwarden}
  - {name: temporary, mountPath: /tmp}
  {{- if include "callwarden.hasCa" . }}
  - {name: ca, mountPath: /etc/callwarden-ca, readOnly: true}
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

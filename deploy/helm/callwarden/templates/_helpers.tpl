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
  - {name: spool, mountPath: /var/spool/callwarden}
  - {name: temporary, mountPath: /tmp}
{{- end }}

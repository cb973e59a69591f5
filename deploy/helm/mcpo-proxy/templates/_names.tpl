{{- define "mcpo-proxy.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mcpo-proxy.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}{{ $name = .Release.Name }}{{ else }}{{ $name = printf "%s-%s" .Release.Name $name }}{{ end }}
{{- default $name .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mcpo-proxy.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mcpo-proxy.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mcpo-proxy.labels" -}}
{{ include "mcpo-proxy.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "mcpo-proxy.serviceAccountName" -}}
{{- $own := "default" }}
{{- if .Values.serviceAccount.create }}{{ $own = include "mcpo-proxy.fullname" . }}{{ end }}
{{- default $own .Values.serviceAccount.name }}
{{- end }}

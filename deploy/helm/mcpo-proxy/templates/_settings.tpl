{{/*
A value of a variable as it is meant. Numbers of values files are floats to Helm, 67108864 would be written 6.7108864e+07; $(NAME) would be
expanded by Kubernetes.
*/}}
{{- define "mcpo-proxy.text" -}}
{{- if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ toString . | replace "$(" "$$(" }}{{ end }}
{{- end }}

{{/* Replicas that share the limits, at the most. */}}
{{- define "mcpo-proxy.replicas" -}}
{{- ternary .Values.autoscaling.maxReplicas .Values.replicaCount .Values.autoscaling.enabled | int }}
{{- end }}

{{/* Where each setting is given, as JSON: {NAME: value of this chart}. Fails for one that is given twice. */}}
{{- define "mcpo-proxy.given" -}}
{{- $given := dict }}
{{- $pairs := list }}
{{- range $name, $value := .Values.config }}{{ if ne (toString $value) "" }}{{ $pairs = append $pairs (list $name "config") }}{{ end }}{{ end }}
{{- range $name, $_ := .Values.secrets }}{{ $pairs = append $pairs (list $name "secrets") }}{{ end }}
{{- if .Values.existingSecret.name }}
{{- range .Values.existingSecret.keys }}{{ $pairs = append $pairs (list . "existingSecret.keys") }}{{ end }}
{{- end }}
{{- range .Values.extraEnv }}{{ $pairs = append $pairs (list .name "extraEnv") }}{{ end }}
{{- range $pairs }}
{{- $name := index . 0 }}
{{- if hasKey $given $name }}{{ fail (printf "%s is given twice, in %s and in %s: leave one of them out." $name (get $given $name) (index . 1)) }}{{ end }}
{{- $_ := set $given $name (index . 1) }}
{{- end }}
{{- toJson $given }}
{{- end }}

{{/* The text of the file of servers; empty where there is none, or another ConfigMap has it. */}}
{{- define "mcpo-proxy.servers" -}}
{{- if .Values.mcpServers }}{{ toPrettyJson (dict "mcpServers" .Values.mcpServers) }}{{ else }}{{ .Values.mcpServersFile }}{{ end }}
{{- end }}

{{- define "mcpo-proxy.serversConfigMap" -}}
{{- if .Values.existingConfigMap.name }}{{ .Values.existingConfigMap.name }}
{{- else if include "mcpo-proxy.servers" . }}{{ include "mcpo-proxy.fullname" . }}-servers
{{- end }}
{{- end }}

{{/* The Secret that holds the file of keys. */}}
{{- define "mcpo-proxy.keysSecret" -}}
{{- $where := get (include "mcpo-proxy.given" . | fromJson) "API_KEYS_FILE" }}
{{- if eq $where "secrets" }}{{ include "mcpo-proxy.fullname" . }}{{ else if eq $where "existingSecret.keys" }}{{ .Values.existingSecret.name }}{{ end }}
{{- end }}

{{/*
Kubernetes kills a pod that is not gone by then: the pause of preStop, DRAIN_TIMEOUT or the longest call, and what the end itself takes. The
longest call is that of MAX_CALL_DURATION or of a server with more, or, with models of a provider, a completion; those of another ConfigMap are not known.
*/}}
{{- define "mcpo-proxy.graceSeconds" -}}
{{- $longest := .Values.config.MAX_CALL_DURATION | default 300 | int64 }}
{{- range regexFindAll `"maxDurationMs"\s*:\s*[0-9]+` (include "mcpo-proxy.servers" .) -1 }}
{{- $longest = max $longest (div (regexReplaceAll "[^0-9]" . "" | int64 | add 999) 1000) }}
{{- end }}
{{- $given := include "mcpo-proxy.given" . | fromJson }}
{{- if or (hasKey $given "OPENAI_API_BASE_URL") (hasKey $given "OPENAI_API_BASE_URLS") }}
{{- $longest = max $longest (.Values.config.CHAT_TIMEOUT | default 600 | int64) }}
{{- end }}
{{- add (.Values.config.DRAIN_TIMEOUT | default $longest | int64) 30 }}
{{- end }}

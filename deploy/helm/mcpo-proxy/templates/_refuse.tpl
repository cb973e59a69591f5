{{/* Fails for values with which the gateway would not start, or would not be what was meant. */}}
{{- define "mcpo-proxy.refuse" -}}
{{- $secret := list "API_KEYS" "API_KEYS_FILE" "REDIS_URL" "REDIS_PASSWORD" "STATE_ENCRYPTION_KEY" "ALERT_WEBHOOK_URL" "MCP_HEADERS" "OPENWEBUI_SECRET_KEY" "OIDC_CLIENT_SECRET" "OPENWEBUI_API_KEY" "FORWARD_USER_INFO_HEADER_JWT_SECRET" "OPENAI_API_KEY" "OPENAI_API_KEYS" }}
{{- range $secret }}
{{- if hasKey $.Values.config . }}{{ fail (printf "config.%s: it is a secret and would be readable in the Deployment. Give it as secrets.%s, or as a key of existingSecret." . .) }}{{ end }}
{{- end }}
{{- range $name, $value := .Values.config }}
{{- if and (has $name (list "MCP_SERVER_URL" "HTTP_PROXY" "HTTPS_PROXY")) (contains "@" (toString $value)) }}{{ fail (printf "config.%s: its user and password would be readable in the Deployment. Give it as secrets.%s, or as a key of existingSecret." $name $name) }}{{ end }}
{{- end }}
{{- $given := include "mcpo-proxy.given" . | fromJson }}
{{- range .Values.extraEnv }}
{{- if and (has .name $secret) (hasKey . "value") (not (contains "$(" .value)) }}{{ fail (printf "extraEnv: %s is a secret and would be readable in the Deployment. Give it as secrets.%s, as a key of existingSecret, or with valueFrom." .name .name) }}{{ end }}
{{- end }}
{{- $own := dict "PORT" "it is fixed; service.port is the port of the Service" "MCP_CONFIG" "give the servers as mcpServers, mcpServersFile or existingConfigMap" "REPLICAS" "it is taken from replicaCount or autoscaling.maxReplicas" }}
{{- range $name, $instead := $own }}
{{- if hasKey $given $name }}{{ fail (printf "%s.%s: set by the chart: %s." (get $given $name) $name $instead) }}{{ end }}
{{- end }}
{{- range list "HOST" "MAX_CALL_DURATION" "DRAIN_TIMEOUT" }}
{{- if not (has (get $given .) (list "" "config")) }}{{ fail (printf "%s: the chart reads it, give it as config.%s." (get $given .) .) }}{{ end }}
{{- end }}
{{- if eq (get $given "API_KEYS_FILE") "extraEnv" }}{{ fail "extraEnv: API_KEYS_FILE is mounted by the chart: give the content of the file as secrets.API_KEYS_FILE, or as that key of existingSecret." }}{{ end }}
{{- include "mcpo-proxy.refuseArguments" . }}
{{- include "mcpo-proxy.refuseServers" . }}
{{- $isOpen := eq (.Values.config.ALLOW_ANONYMOUS | toString | trim | lower) "true" }}
{{- range list "API_KEYS" "API_KEYS_FILE" "OIDC_ISSUER" "JWKS_URL" "OPENWEBUI_SECRET_KEY" }}{{ if hasKey $given . }}{{ $isOpen = true }}{{ end }}{{ end }}
{{- if not $isOpen }}{{ fail "Nobody could be told apart, and the gateway would not start: set secrets.API_KEYS (or secrets.API_KEYS_FILE), or existingSecret.name with API_KEYS among existingSecret.keys, or tokens (config.OIDC_ISSUER, config.JWKS_URL, secrets.OPENWEBUI_SECRET_KEY). If everybody who reaches the Service may call: config.ALLOW_ANONYMOUS=true." }}{{ end }}
{{- if and .Values.serviceMonitor.enabled (eq (.Values.config.METRICS_AUTH | toString | trim | lower) "true") }}{{ fail "config.METRICS_AUTH: the ServiceMonitor of this chart reads metrics without a key: leave one of them out, and write one of your own with authorization." }}{{ end }}
{{- if and .Values.autoscaling.enabled (not .Values.autoscaling.targetCpuUtilization) (not .Values.autoscaling.callsInFlight.enabled) }}{{ fail "autoscaling: nothing to scale by: set targetCpuUtilization or callsInFlight.enabled." }}{{ end }}
{{- if and .Values.autoscaling.enabled (lt (int .Values.autoscaling.maxReplicas) (int .Values.autoscaling.minReplicas)) }}{{ fail "autoscaling: maxReplicas is less than minReplicas." }}{{ end }}
{{- end }}

{{- define "mcpo-proxy.refuseArguments" -}}
{{- $isFlag := true }}
{{- range .Values.extraArgs }}
{{- if eq . "--" }}{{ $isFlag = false }}{{ end }}
{{- if and $isFlag (regexMatch "^(-[kHephtKc]|--(api-key|header|env|env-path|port|host|ssl-certfile|ssl-keyfile|config|path-prefix))(=.*)?$" .) }}
{{- fail (printf "extraArgs: %s is not taken: keys and headers belong in secrets, servers in mcpServers, HOST in config, the prefix in pathPrefix; port and TLS are the Service's and the Ingress'." (regexFind "^[^=]*" .)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mcpo-proxy.refuseServers" -}}
{{- $sources := list }}
{{- if .Values.mcpServers }}{{ $sources = append $sources "mcpServers" }}{{ end }}
{{- if .Values.mcpServersFile }}{{ $sources = append $sources "mcpServersFile" }}{{ end }}
{{- if .Values.existingConfigMap.name }}{{ $sources = append $sources "existingConfigMap" }}{{ end }}
{{- if gt (len $sources) 1 }}{{ fail (printf "The servers are given twice, in %s: leave all but one out." (join " and in " $sources)) }}{{ end }}
{{- $key := regexFind `(?i)"((proxy-)?authorization|clientSecret)"\s*:\s*"[^"$]+"` (include "mcpo-proxy.servers" .) }}
{{- if $key }}{{ fail (printf "%s: %s has a secret that would be readable in the ConfigMap. Write ${NAME} in its place, and give the secret as secrets.NAME." (first $sources) (regexFind `[\w-]+` $key)) }}{{ end }}
{{- end }}

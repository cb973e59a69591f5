-- wrk's script: one request over and over, what it measured as one JSON line at the end. Where the body has "@id@", each has a number of its own there.
wrk.method = os.getenv("BENCH_METHOD")
wrk.body = os.getenv("BENCH_BODY")
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = os.getenv("BENCH_ACCEPT")
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")
wrk.headers["Cache-Control"] = os.getenv("BENCH_CACHE_CONTROL")

for name, value in (os.getenv("BENCH_HEADERS") or ""):gmatch("([^\n:]+): ([^\n]*)") do
  wrk.headers[name] = value
end

local before, after = (wrk.body or ""):match('^(.*)"@id@"(.*)$')
if before then
  local id = 0
  function request()
    id = id + 1
    return wrk.format(nil, nil, nil, before .. id .. after)
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"calls":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"socketErrors":%d,"statusErrors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end

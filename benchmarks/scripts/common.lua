-- What the scripts share: distinct numbers for each thread and round, and one line of JSON at the end.
--
-- wrk runs a script once for each of its threads, and once more for `setup` and `done`. The arguments behind `--` are
-- name=value pairs: `round` numbers the round, `targets` is a file with one target a line.

local common = { api = "/apis/v2beta1", arguments = {}, targets = {} }
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("thread_number", threads)
end

-- Reads the arguments; `read_targets` reads the file of targets, and begins each thread at another one.
function common.start(arguments, read_targets)
  for _, argument in ipairs(arguments) do
    local name, value = argument:match("^(%w+)=(.*)$")
    common.arguments[name] = value
  end
  common.round = tonumber(common.arguments.round)
  common.count = 0
  if read_targets then
    for line in io.lines(common.arguments.targets) do
      common.targets[#common.targets + 1] = line
    end
    common.count = (thread_number * 7919 + common.round * 104729) % #common.targets
  end
end

-- 1, 2, 3, … for each thread.
function common.next()
  common.count = common.count + 1
  return common.count
end

-- A number that no other round or thread uses (of fewer than a thousand million in each).
function common.unique()
  return (common.round * 64 + thread_number) * 1000000000 + common.next()
end

-- The next line of the file of targets.
function common.next_target()
  return common.targets[common.next() % #common.targets + 1]
end

local json_headers = { ["Content-Type"] = "application/json" }

function common.post(path, body)
  return wrk.format("POST", common.api .. path, json_headers, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"duration_us":%d,"bytes":%d,"p50_us":%.1f,"p90_us":%.1f,"p99_us":%.1f,"max_us":%.1f,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout
  ))
end

return common

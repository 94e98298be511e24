-- Logs points as `log_metric.lua` does, and tells answers that took the write from those that asked to come again.

local common = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "common.lua")
local TASKS, NAMES = 100, 20
local threads = {}
taken, shed, wrong = 0, 0, 0

local number_thread = setup
function setup(thread)
  number_thread(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  common.start(arguments, false)
end

function request()
  local step = common.unique()
  local metric = common.count * 13 % (TASKS * NAMES)
  return common.post("/metrics", string.format(
    '{"metric":{"task_id":"bench-task-%d","name":"train/metric-%d","value":%.6f,"step":%.0f}}',
    metric % TASKS, math.floor(metric / TASKS), 1 / common.count, step
  ))
end

function response(status, headers, body)
  if status == 200 then
    taken = taken + 1
  elseif status == 503 and (headers["Retry-After"] or headers["retry-after"]) then
    shed = shed + 1
  else
    wrong = wrong + 1
  end
end

function done(summary, latency, requests)
  local sums = { taken = 0, shed = 0, wrong = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(sums) do
      sums[name] = sums[name] + thread:get(name)
    end
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"taken":%d,"shed":%d,"wrong":%d,"broken":%d,"duration_us":%d,"p50_us":%.1f,"p99_us":%.1f}\n',
    sums.taken, sums.shed, sums.wrong, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)
  ))
end

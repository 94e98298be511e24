-- Logs new points on metrics that exist, of runs that exist, as `log_metric.lua` does.

local common = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "../common.lua")
common.api = "/api/2.0/mlflow"
local RUNS, NAMES = 100, 20

function init(arguments)
  common.start(arguments, false)
end

function request()
  local step = common.unique()
  local metric = common.count * 13 % (RUNS * NAMES)
  return common.post("/runs/log-metric", string.format(
    '{"run_id":"%032x","key":"train/metric-%d","value":%.6f,"timestamp":1767100000000,"step":%.0f}',
    metric % RUNS, math.floor(metric / RUNS), 1 / common.count, step
  ))
end

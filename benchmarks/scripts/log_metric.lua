-- Logs new points on metrics that exist: each request to another metric, with a step that only rises.

local common = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "common.lua")
local TASKS, NAMES = 100, 20

function init(arguments)
  common.start(arguments, false)
end

function request()
  local step = common.unique()
  local metric = common.count * 13 % (TASKS * NAMES)
  local body = string.format(
    '{"metric":{"task_id":"bench-task-%d","name":"train/metric-%d","value":%.6f,"step":%.0f}}',
    metric % TASKS, math.floor(metric / TASKS), 1 / common.count, step
  )
  return common.post("/metrics", body)
end

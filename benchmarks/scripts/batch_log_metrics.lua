-- Logs 100 new points of one task in one call: its 20 metrics at five steps each.

local common = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "common.lua")
local TASKS, NAMES, STEPS = 100, 20, 5

function init(arguments)
  common.start(arguments, false)
end

function request()
  local step = common.unique() * STEPS
  local task = common.count * 13 % TASKS
  local points = {}
  for later = 0, STEPS - 1 do
    for name = 0, NAMES - 1 do
      points[#points + 1] = string.format(
        '{"task_id":"bench-task-%d","name":"train/metric-%d","value":%.6f,"step":%.0f}',
        task, name, 1 / common.count, step + later
      )
    end
  end
  return common.post("/metrics:batchLog", '{"metrics":[' .. table.concat(points, ",") .. "]}")
end

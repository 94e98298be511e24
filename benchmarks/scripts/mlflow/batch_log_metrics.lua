-- Logs 100 new points of one run in one call: its 20 metrics at five steps each.

local common = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "../common.lua")
common.api = "/api/2.0/mlflow"
local RUNS, NAMES, STEPS = 100, 20, 5

function init(arguments)
  common.start(arguments, false)
end

function request()
  local step = common.unique() * STEPS
  local run = common.count * 13 % RUNS
  local points = {}
  for later = 0, STEPS - 1 do
    for name = 0, NAMES - 1 do
      points[#points + 1] = string.format(
        '{"key":"train/metric-%d","value":%.6f,"timestamp":1767100000000,"step":%.0f}',
        name, 1 / common.count, step + later
      )
    end
  end
  local body = string.format('{"run_id":"%032x","metrics":[%s]}', run, table.concat(points, ","))
  return common.post("/runs/log-batch", body)
end

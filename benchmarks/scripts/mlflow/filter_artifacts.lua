-- Searches runs: the file of targets holds one body a line.

local common = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "../common.lua")
common.api = "/api/2.0/mlflow"

function init(arguments)
  common.start(arguments, true)
end

function request()
  return common.post("/runs/search", common.next_target())
end

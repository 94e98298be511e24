-- Gets one target after the other: artifacts, metrics, lists and lineages, as the file of targets says.

local common = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "common.lua")

function init(arguments)
  common.start(arguments, true)
end

function request()
  return wrk.format("GET", common.next_target())
end

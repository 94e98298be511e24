-- Registers artifacts, each with its own name and URI, and a little metadata.

local common = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "common.lua")
local BODY = '{"artifact":{"name":"new-model-%.0f","type":"Model","uri":"s3://models/iris/%.0f/model.joblib",' ..
  '"metadata":{"accuracy":%.6f,"epochs":%d,"framework":"sklearn","stage":"candidate"}}}'

function init(arguments)
  common.start(arguments, false)
end

function request()
  local number = common.unique()
  return common.post("/artifacts", BODY:format(number, number, 1 / common.count, common.count % 100))
end

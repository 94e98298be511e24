-- Registers logged models, each with its own name, and the same little metadata as `create_artifact.lua`.

local common = dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "../common.lua")
common.api = "/api/2.0/mlflow"
local BODY = '{"experiment_id":"0","name":"new-model-%.0f","model_type":"Model","params":[' ..
  '{"key":"accuracy","value":"%.6f"},{"key":"epochs","value":"%d"},{"key":"framework","value":"sklearn"}],' ..
  '"tags":[{"key":"stage","value":"candidate"}]}'

function init(arguments)
  common.start(arguments, false)
end

function request()
  local number = common.unique()
  return common.post("/logged-models", BODY:format(number, 1 / common.count, common.count % 100))
end

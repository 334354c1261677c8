-- The guide does not lie: each Lua block of ../README.md is, word for word, the file that the link before it names; those files have tests.

local function read(path)
  local f = assert(io.open(path))
  local text = f:read "a"
  f:close()
  return text
end

-- The folder of this file, from the path that the runner gave it.
local here = debug.getinfo(1, "S").source:match "^@(.*)/" or "."

it("how to write a script", function()
  local guide, at, blocks = read(here .. "/../README.md"), 1, 0
  while true do
    local from, to = guide:find("\n```lua\n.-```", at)
    if not from then break end
    local file, block = guide:sub(at, from):match ".*%]%(([^%)]+%.lua)%)", guide:sub(from + 8, to - 3)
    assert(file, "a block of Lua without a link to its file:\n" .. block)
    assert.equal(read(here .. "/../" .. file), block, file)
    blocks, at = blocks + 1, to
  end
  assert(blocks >= 6)
end)

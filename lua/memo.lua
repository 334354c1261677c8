-- memo.lua - answers that depend on nothing but what is asked: worked out once, and kept for as many as are asked for often.
--
--   local is_group = memo(function(a) ... end)     false and nil are the same answer: false
--
-- Long texts do not come again, and would fill the memory: they are worked out each time.

local MOST, LONG = 20000, 256

return function(f)
  local known, many = {}, 0
  return function(a)
    if type(a) == "string" and #a >= LONG then return f(a) or false end
    local answer = known[a]
    if answer == nil then
      if many >= MOST then known, many = {}, 0 end
      answer, many = f(a) or false, many + 1
      known[a] = answer
    end
    return answer
  end
end

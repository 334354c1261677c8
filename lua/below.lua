-- below.lua - tables inside of tables, for what is found by several values one after another, where no text need be made of them.
--
--   local row = below(below(rows, client), server)     the inner table, made if need be

return function(t, key)
  local inner = t[key]
  if not inner then
    inner = {}
    t[key] = inner
  end
  return inner
end

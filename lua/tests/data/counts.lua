-- A module that keeps a number in a global of its own, to see whose it is.
count = 0
return {
  add = function()
    count = count + 1
    return count
  end,
  upper = function(text) return string.upper(text) end,
  spoil = function() string.upper, tostring = nil, nil end,
}

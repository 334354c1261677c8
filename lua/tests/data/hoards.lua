-- Fills the memory with many small things.
local hoard = {}
every("1ms", function() hoard.tick = true end)
log.filter("conn", function() return hoard.tick end)
on("modbus.request", function()
  for _ = 1, 1e7 do hoard[#hoard + 1] = {} end
end)
